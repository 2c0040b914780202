// Probes that never touch a dependency, and a shutdown that loses no request.
package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"os/signal"
	"sync"
	"sync/atomic"
	"syscall"
	"time"
)

// --8<-- [start:show]

// Health is what the probes say. A probe reads it and asks nobody.
type Health struct {
	started, draining, database atomic.Bool
}

// Refresh runs in the background; check has a timeout of its own.
func (h *Health) Refresh(check func() bool, every time.Duration) {
	for {
		ok := check()
		h.database.Store(ok)
		if ok {
			h.started.Store(true)
		}
		time.Sleep(every)
	}
}

func (h *Health) Live() (int, string) {
	return http.StatusOK, "alive" // no dependency: a restart would mend none
}

func (h *Health) Ready() (int, string) {
	switch {
	case h.draining.Load():
		return http.StatusServiceUnavailable, "draining"
	case !h.started.Load():
		return http.StatusServiceUnavailable, "starting"
	case !h.database.Load():
		// Shared by all instances: another one would do no better, so stay in.
		return http.StatusOK, "degraded"
	}
	return http.StatusOK, "ready"
}

// drain runs after SIGTERM. The result is the exit code.
func drain(server *http.Server, health *Health, running *Running,
	delay, deadline time.Duration) int {
	health.draining.Store(true) // 1. fail readiness, go on serving
	time.Sleep(delay)           // 2. balancers notice
	ctx, cancel := context.WithTimeout(context.Background(), deadline)
	defer cancel()
	if server.Shutdown(ctx) == nil { // 3. accept no more, 4. finish what runs
		return 0
	}
	for _, path := range running.Paths() {
		fmt.Println("cut", path)
	}
	server.Close()
	return 1 // 5. say how it went
}

// --8<-- [end:show]

// Running holds the requests in flight.
type Running struct {
	mu    sync.Mutex
	paths map[string]bool
}

func (r *Running) Begin(path string) (end func()) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.paths[path] = true
	return func() {
		r.mu.Lock()
		defer r.mu.Unlock()
		delete(r.paths, path)
	}
}

func (r *Running) Paths() []string {
	r.mu.Lock()
	defer r.mu.Unlock()
	var paths []string
	for path := range r.paths {
		paths = append(paths, path)
	}
	return paths
}

// ask puts one question to the database; one line is its answer.
func ask(address, line string, timeout time.Duration) (string, error) {
	conn, err := net.DialTimeout("tcp", address, timeout)
	if err != nil {
		return "", err
	}
	defer conn.Close()
	if err := conn.SetDeadline(time.Now().Add(timeout)); err != nil {
		return "", err
	}
	if _, err := fmt.Fprintln(conn, line); err != nil {
		return "", err
	}
	answer, err := bufio.NewReader(conn).ReadString('\n')
	if err != nil {
		return "", err
	}
	return answer[:len(answer)-1], nil
}

func serve(database, mode string, delay, deadline time.Duration) int {
	health, running := &Health{}, &Running{paths: map[string]bool{}}
	answer := func(w http.ResponseWriter, status int, text string) {
		w.Header().Set("Content-Type", "text/plain")
		w.Header().Set("Cache-Control", "no-store")
		if health.draining.Load() {
			w.Header().Set("Connection", "close")
		}
		w.WriteHeader(status)
		io.WriteString(w, text)
	}
	probe := func(state func() (int, string)) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) {
			status, text := state()
			answer(w, status, text)
		}
	}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /livez", probe(health.Live))
	mux.HandleFunc("GET /readyz", probe(health.Ready))
	mux.HandleFunc("POST /orders/{id}", func(w http.ResponseWriter, r *http.Request) {
		defer running.Begin(r.URL.Path)()
		text, err := ask(database, r.URL.Path, 10*time.Second)
		if err != nil {
			answer(w, http.StatusServiceUnavailable, "database failed")
			return
		}
		answer(w, http.StatusCreated, text)
	})

	stop := make(chan os.Signal, 1)
	if mode == "drain" {
		signal.Notify(stop, syscall.SIGTERM)
	}
	go health.Refresh(func() bool {
		text, err := ask(database, "ping", time.Second)
		return err == nil && text == "pong"
	}, 100*time.Millisecond)
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	check(err)
	server := &http.Server{Handler: mux, ReadHeaderTimeout: 5 * time.Second}
	closed := make(chan struct{})
	go func() {
		defer close(closed)
		if err := server.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
			check(err)
		}
		fmt.Println("stopped accepting")
	}()
	fmt.Println("port", listener.Addr().(*net.TCPAddr).Port)
	<-stop
	code := drain(server, health, running, delay, deadline)
	<-closed
	return code
}

// Database answers pings; it keeps an order waiting until it is released.
type Database struct {
	listener              net.Listener
	up                    atomic.Bool
	pings                 atomic.Int64
	slowCame, endlessCame chan struct{}
	released              chan struct{}
}

func startDatabase() *Database {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	check(err)
	d := &Database{
		listener:    listener,
		slowCame:    make(chan struct{}),
		endlessCame: make(chan struct{}),
		released:    make(chan struct{}),
	}
	d.up.Store(true)
	go func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			go d.handle(conn)
		}
	}()
	return d
}

func (d *Database) handle(conn net.Conn) {
	defer conn.Close()
	reader := bufio.NewReader(conn)
	line, err := reader.ReadString('\n')
	if err != nil {
		return
	}
	switch line {
	case "ping\n":
		d.pings.Add(1)
		if d.up.Load() {
			fmt.Fprintln(conn, "pong")
		}
		return
	case "/orders/slow\n":
		close(d.slowCame)
		<-d.released
	case "/orders/endless\n":
		close(d.endlessCame)
		io.Copy(io.Discard, reader) // until the server is gone
		return
	}
	fmt.Fprintln(conn, "stored")
}

// Child is the server, in a process of its own.
type Child struct {
	process *exec.Cmd
	lines   *bufio.Scanner
	base    string
}

func start(d *Database, mode string, delay, deadline time.Duration) *Child {
	own, err := os.Executable()
	check(err)
	process := exec.Command(own, d.listener.Addr().String(), mode,
		delay.String(), deadline.String())
	output, err := process.StdoutPipe()
	check(err)
	check(process.Start())
	child := &Child{process: process, lines: bufio.NewScanner(output)}
	child.base = "http://127.0.0.1:" + child.Line()[len("port "):]
	return child
}

func (c *Child) Line() string {
	c.lines.Scan()
	return c.lines.Text()
}

// Send returns status and body, or what went wrong; and if it closes the connection.
func (c *Child) Send(method, path string) (text string, closes bool) {
	transport := &http.Transport{}
	defer transport.CloseIdleConnections()
	client := &http.Client{Transport: transport, Timeout: 20 * time.Second}
	request, err := http.NewRequest(method, c.base+path, nil)
	check(err)
	response, err := client.Do(request)
	if errors.Is(err, syscall.ECONNREFUSED) {
		return "refused", false
	}
	if err != nil {
		return "cut", false
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		return "cut", false
	}
	return fmt.Sprintf("%d %s", response.StatusCode, body), response.Close
}

func (c *Child) Until(wanted string) {
	for range 1000 {
		if text, _ := c.Send("GET", "/readyz"); text == wanted {
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
	panic("never " + wanted)
}

func (c *Child) InBackground(path string) <-chan string {
	result := make(chan string, 1)
	go func() {
		text, _ := c.Send("POST", path)
		result <- text
	}()
	return result
}

// Orders counts, of ten orders, those with this answer and those with a close.
func (c *Child) Orders(wanted string) (answered, closing int) {
	for n := range 10 {
		text, closes := c.Send("POST", fmt.Sprintf("/orders/%d", n))
		if text == wanted {
			answered++
		}
		if closes {
			closing++
		}
	}
	return answered, closing
}

func (c *Child) Terminate() { check(c.process.Process.Signal(syscall.SIGTERM)) }

func (c *Child) Exit() string {
	err := c.process.Wait()
	if exit := (&exec.ExitError{}); err != nil && !errors.As(err, &exit) {
		check(err)
	}
	status := c.process.ProcessState.Sys().(syscall.WaitStatus)
	if status.Signaled() && status.Signal() == syscall.SIGTERM {
		return "killed by SIGTERM"
	}
	return fmt.Sprintf("code %d", status.ExitStatus())
}

func show(label, text string) { fmt.Printf("  %-27s%s\n", label, text) }

func probes(d *Database, child *Child) {
	fmt.Println("the probes")
	for _, step := range []struct {
		label  string
		up     bool
		wanted string
	}{
		{"database down at start", false, "503 starting"},
		{"database answers", true, "200 ready"},
		{"database down later", false, "200 degraded"},
	} {
		d.up.Store(step.up)
		child.Until(step.wanted)
		live, _ := child.Send("GET", "/livez")
		show(step.label, fmt.Sprintf("livez %s, readyz %s", live, step.wanted))
	}
	before := d.pings.Load()
	for range 100 {
		child.Send("GET", "/readyz")
	}
	few := "no"
	if d.pings.Load()-before < 50 {
		few = "yes"
	}
	show("100 readiness probes", "pings under 50: "+few)
}

func naive() {
	fmt.Println("\nno handler for SIGTERM")
	d := startDatabase()
	defer d.listener.Close()
	child := start(d, "naive", 0, 0)
	slow := child.InBackground("/orders/slow")
	<-d.slowCame
	child.Terminate()
	ended := child.Exit()
	refused, _ := child.Orders("refused")
	show("order in flight", <-slow)
	show("10 orders just after", fmt.Sprintf("%d refused", refused))
	show("exit", ended)
}

func drained(d *Database, child *Child) {
	fmt.Println("\nSIGTERM starts a drain")
	slow := child.InBackground("/orders/slow")
	<-d.slowCame
	child.Terminate()
	child.Until("503 draining")
	live, _ := child.Send("GET", "/livez")
	show("probes", fmt.Sprintf("livez %s, readyz 503 draining", live))
	stored, closing := child.Orders("201 stored")
	show("10 orders while draining",
		fmt.Sprintf("%d stored, %d with close", stored, closing))
	show("the server", child.Line())
	late, _ := child.Send("POST", "/orders/late")
	show("an order after that", late)
	close(d.released)
	show("order in flight", <-slow)
	show("exit", child.Exit())
}

func straggler() {
	fmt.Println("\ndrain with an order that never ends")
	d := startDatabase()
	defer d.listener.Close()
	child := start(d, "drain", 0, 300*time.Millisecond)
	slow := child.InBackground("/orders/slow")
	endless := child.InBackground("/orders/endless")
	<-d.slowCame
	<-d.endlessCame
	child.Terminate()
	child.Line()
	close(d.released)
	show("order in flight", <-slow)
	show("the endless one", <-endless)
	show("the server", child.Line())
	show("exit", child.Exit())
}

func check(err error) {
	if err != nil {
		panic(err)
	}
}

func main() {
	if len(os.Args) > 1 {
		delay, err := time.ParseDuration(os.Args[3])
		check(err)
		deadline, err := time.ParseDuration(os.Args[4])
		check(err)
		os.Exit(serve(os.Args[1], os.Args[2], delay, deadline))
	}
	d := startDatabase()
	defer d.listener.Close()
	d.up.Store(false)
	child := start(d, "drain", 500*time.Millisecond, 10*time.Second)
	probes(d, child)
	naive()
	drained(d, child)
	straggler()
}

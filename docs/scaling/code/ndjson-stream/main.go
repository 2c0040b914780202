// Serve an export as one JSON array and as NDJSON, and count the rows in memory.
package main

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"strings"
	"sync/atomic"
	"time"
)

const batch = 100

var (
	errDatabase = errors.New("the cursor broke")
	note        = strings.Repeat("n", 1000) // a row is about a kilobyte
)

type order struct {
	ID   int    `json:"id"`
	Note string `json:"note"`
}

type endLine struct {
	End  bool `json:"end"`
	Rows int  `json:"rows"`
}

// export is one request: what to produce, and what was counted.
type export struct {
	rows, failsAt int
	pauseAt       int           // wait before this row until the client says go
	goOn          chan struct{} // closed by the client
	paused        chan struct{} // closed when it waits
	produced      atomic.Int64
	sent          int
	mostHeld      int
	closed        bool
	done          chan struct{}
}

func newExport(rows, pauseAt, failsAt int) *export {
	return &export{rows: rows, pauseAt: pauseAt, failsAt: failsAt,
		goOn: make(chan struct{}), paused: make(chan struct{}), done: make(chan struct{})}
}

// cursor is used like sql.Rows: Next, Err, Close.
type cursor struct {
	export *export
	row    order
	err    error
}

func (c *cursor) Next() bool {
	number := c.row.ID + 1
	if number > c.export.rows {
		return false
	}
	if c.err = c.export.reached(number); c.err != nil {
		return false
	}
	c.export.produced.Store(int64(number))
	c.export.mostHeld = max(c.export.mostHeld, number-c.export.sent)
	c.row = order{number, note}
	return true
}

func (c *cursor) Close() { c.export.closed = true }

func sendArray(e *export, w http.ResponseWriter) error {
	rows := &cursor{export: e}
	defer rows.Close()
	var all []order
	for rows.Next() { // all of them, then their text, then the first byte
		all = append(all, rows.row)
	}
	if rows.err != nil {
		return rows.err
	}
	return json.NewEncoder(w).Encode(map[string][]order{"rows": all})
}

// --8<-- [start:show]

func sendNDJSON(e *export, w http.ResponseWriter) error {
	rows := &cursor{export: e}
	defer rows.Close()
	control, encoder := http.NewResponseController(w), json.NewEncoder(w)
	for rows.Next() {
		if err := encoder.Encode(rows.row); err != nil { // adds the line end
			return err
		}
		if rows.row.ID%batch == 0 {
			if err := control.Flush(); err != nil { // blocks while the client is slow
				return err
			}
			e.sent = rows.row.ID
		}
	}
	if rows.err != nil {
		return rows.err
	}
	return encoder.Encode(endLine{true, rows.row.ID})
}

// readNDJSON tells whether the end line came: a status of 200 does not.
func readNDJSON(body io.Reader, seen func(int)) (rows int, complete bool) {
	lines := bufio.NewScanner(body)
	for lines.Scan() {
		var end endLine
		if err := json.Unmarshal(lines.Bytes(), &end); err != nil {
			return rows, false
		}
		if end.End {
			return rows, end.Rows == rows
		}
		rows++
		seen(rows)
	}
	return rows, false // lines.Err() says: unexpected EOF
}

// --8<-- [end:show]

func (e *export) reached(number int) error {
	if number == e.pauseAt {
		close(e.paused)
		select {
		case <-e.goOn:
		case <-time.After(10 * time.Second):
			return errors.New("the client never said go")
		}
	}
	if number == e.failsAt {
		return errDatabase
	}
	return nil
}

func handler(exports map[string]*export) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		e := exports[r.URL.Path]
		defer close(e.done)
		w.Header().Set("Content-Type", "application/x-ndjson")
		send := sendNDJSON
		if r.URL.Path == "/array" {
			send = sendArray
		}
		if err := send(e, w); err != nil {
			panic(http.ErrAbortHandler) // no last chunk: the client can tell
		}
	}
}

type client struct {
	http *http.Client
	base string
}

func (c client) get(path string) *http.Response {
	response, err := c.http.Get(c.base + path)
	if err != nil {
		log.Fatal(err)
	}
	return response
}

func wholeArray(c client, e *export) {
	response := c.get("/array")
	defer response.Body.Close()
	if _, err := io.ReadFull(response.Body, make([]byte, 1)); err != nil {
		log.Fatal(err)
	}
	fmt.Println("one array of 5000 rows")
	fmt.Printf("  produced when the first byte arrives  %d\n", e.produced.Load())
	if _, err := io.Copy(io.Discard, response.Body); err != nil {
		log.Fatal(err)
	}
	<-e.done
	fmt.Printf("  most rows held by the server          %d\n", e.mostHeld)
}

func wholeStream(c client, e *export) {
	response := c.get("/stream")
	defer response.Body.Close()
	var atFirst int64
	rows, complete := readNDJSON(response.Body, func(row int) {
		if row == 1 {
			<-e.paused // the first bytes leave before the batch is complete
			atFirst = e.produced.Load()
			close(e.goOn)
		}
	})
	<-e.done
	fmt.Println("NDJSON, 5000 rows in batches of 100")
	fmt.Printf("  produced when the first row is read   %d\n", atFirst)
	fmt.Printf("  most rows held by the server          %d\n", e.mostHeld)
	fmt.Printf("  rows read, end line                   %d, %s\n", rows, answer(complete))
}

func earlyClose(c client, e *export) {
	response := c.get("/long")
	lines := bufio.NewScanner(response.Body)
	for read := 0; read < 250 && lines.Scan(); read++ {
	}
	if err := response.Body.Close(); err != nil {
		log.Fatal(err)
	}
	stopped := false
	select {
	case <-e.done:
		stopped = e.produced.Load() < int64(e.rows)
	case <-time.After(30 * time.Second):
		log.Fatal("the producer never stopped")
	}
	fmt.Println("client closes after 250 of 200000 rows")
	fmt.Printf("  producer stopped before the end       %s\n", answer(stopped))
	fmt.Printf("  cursor closed                         %s\n", answer(e.closed))
}

func brokenCursor(c client, e *export) {
	response := c.get("/breaks")
	defer response.Body.Close()
	rows, complete := readNDJSON(response.Body, func(row int) {
		if row == 1000 {
			close(e.goOn)
		}
	})
	fmt.Println("the database fails at row 1001")
	fmt.Printf("  status, rows read                     %d, %d\n",
		response.StatusCode, rows)
	fmt.Printf("  end line                              %s\n", answer(complete))
}

func answer(holds bool) string {
	if holds {
		return "yes"
	}
	return "no"
}

func main() {
	exports := map[string]*export{
		"/array":  newExport(5000, 0, 0),
		"/stream": newExport(5000, batch+1, 0),
		"/long":   newExport(200_000, 0, 0),
		"/breaks": newExport(5000, 1001, 1001),
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		log.Fatal(err)
	}
	server := &http.Server{Handler: handler(exports), WriteTimeout: 30 * time.Second}
	served := make(chan error, 1)
	go func() { served <- server.Serve(listener) }()
	c := client{&http.Client{Timeout: 30 * time.Second},
		"http://" + listener.Addr().String()}
	wholeArray(c, exports["/array"])
	wholeStream(c, exports["/stream"])
	earlyClose(c, exports["/long"])
	brokenCursor(c, exports["/breaks"])
	if err := server.Close(); err != nil {
		log.Fatal(err)
	}
	if err := <-served; !errors.Is(err, http.ErrServerClosed) {
		log.Fatal(err)
	}
}

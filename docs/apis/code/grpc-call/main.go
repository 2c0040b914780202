// Speak gRPC with net/http alone: framing, deadlines, status, streams.
package main

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"strconv"
	"sync"
	"time"
)

// Status is what a call ends with, in trailers instead of the HTTP status.
type Status struct {
	Code    int
	Message string
}

func (s Status) Error() string {
	return fmt.Sprintf("%d %s: %s", s.Code, codeNames[s.Code], s.Message)
}

// Status codes.
const (
	Canceled          = 1
	Unknown           = 2
	DeadlineExceeded  = 4
	NotFound          = 5
	ResourceExhausted = 8
	Unimplemented     = 12
	Internal          = 13
)

var codeNames = map[int]string{
	0: "OK", Canceled: "CANCELLED", Unknown: "UNKNOWN",
	DeadlineExceeded: "DEADLINE_EXCEEDED", NotFound: "NOT_FOUND",
	ResourceExhausted: "RESOURCE_EXHAUSTED", Unimplemented: "UNIMPLEMENTED",
	Internal: "INTERNAL",
}

// statusOf keeps details of unexpected errors inside.
func statusOf(err error) Status {
	var status Status
	switch {
	case err == nil:
		return Status{0, ""}
	case errors.As(err, &status):
		return status
	case errors.Is(err, context.Canceled):
		return Status{Canceled, "the caller has gone"}
	case errors.Is(err, context.DeadlineExceeded):
		return Status{DeadlineExceeded, "no time left"}
	default:
		return Status{Unknown, "see the log"}
	}
}

// Clock is moved by the work that is done.
type Clock struct {
	mu  sync.Mutex
	now time.Duration
}

func (c *Clock) Now() time.Duration {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *Clock) Advance(by time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now += by
}

// Call is one call as its handler or caller sees it.
type Call struct {
	context.Context
	clock    *Clock
	deadline time.Duration // on the clock of this process
}

func (c Call) Left() time.Duration { return c.deadline - c.clock.Now() }

// Spend stands for work. It stops at the deadline.
func (c Call) Spend(work time.Duration) error {
	left := c.Left()
	if work > left {
		c.clock.Advance(left)
		return context.DeadlineExceeded
	}
	c.clock.Advance(work)
	return c.Err()
}

// Method sends any number of messages; a unary one sends one.
type Method func(call Call, request []byte, send func(message []byte) error) error

const maxMessage = 4 << 20 // bytes; what most gRPC libraries accept by default

// --8<-- [start:show]

// frame puts the prefix before a message: not compressed, four bytes of length.
func frame(message []byte) []byte {
	prefix := binary.BigEndian.AppendUint32([]byte{0}, uint32(len(message)))
	return append(prefix, message...)
}

func readFrame(body io.Reader) ([]byte, error) {
	var prefix [5]byte
	if _, err := io.ReadFull(body, prefix[:]); err != nil {
		return nil, err // io.EOF: no further message
	}
	size := binary.BigEndian.Uint32(prefix[1:])
	if prefix[0] != 0 {
		return nil, Status{Unimplemented, "compression was not negotiated"}
	}
	if size > maxMessage {
		return nil, Status{ResourceExhausted, "message is too large"}
	}
	message := make([]byte, size)
	_, err := io.ReadFull(body, message)
	if errors.Is(err, io.EOF) {
		err = io.ErrUnexpectedEOF
	}
	return message, err
}

// serve is the server's half of a call.
func serve(clock *Clock, name string, method Method) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		// The header holds what is left, not a time of day: clocks may differ.
		left, err := parseTimeout(r.Header.Get("Grpc-Timeout"))
		call := Call{r.Context(), clock, clock.Now() + left}
		var request []byte
		if err == nil {
			request, err = readFrame(r.Body)
		}
		w.Header().Set("Content-Type", "application/grpc")
		sent := 0
		if err == nil {
			err = method(call, request, func(message []byte) error {
				sent++
				if _, err := w.Write(frame(message)); err != nil {
					return err
				}
				return http.NewResponseController(w).Flush()
			})
		}
		prefix := http.TrailerPrefix // after the messages
		if sent == 0 {
			prefix = "" // "trailers only": no body, the status in the headers
		}
		status := statusOf(err)
		trace(name, "sent %d, grpc-status: %d, %v left", sent, status.Code, call.Left())
		w.Header().Set(prefix+"Grpc-Status", strconv.Itoa(status.Code))
		w.Header().Set(prefix+"Grpc-Message", status.Message)
	}
}

// --8<-- [end:show]

// parseTimeout takes at most eight digits and a unit. No header, no deadline.
func parseTimeout(value string) (time.Duration, error) {
	units := map[byte]time.Duration{
		'H': time.Hour, 'M': time.Minute, 'S': time.Second,
		'm': time.Millisecond, 'u': time.Microsecond, 'n': time.Nanosecond,
	}
	const forever = 1000 * time.Hour
	if value == "" {
		return forever, nil
	}
	last := len(value) - 1
	number, err := strconv.ParseUint(value[:last], 10, 32)
	unit, known := units[value[last]]
	if err != nil || !known || last > 8 {
		return 0, Status{Internal, "bad grpc-timeout"}
	}
	return min(time.Duration(number)*unit, forever), nil
}

// Stub is the client's half.
type Stub struct {
	caller, address string
	client          *http.Client
}

// Open starts a call; receive returns the messages and then the status or nil.
func (s Stub) Open(call Call, method string, request []byte) (
	receive func() ([]byte, error), closeCall func() error, err error,
) {
	left := call.Left()
	if left <= 0 {
		return nil, nil, context.DeadlineExceeded
	}
	url := "http://" + s.address + method
	body := bytes.NewReader(frame(request))
	r, err := http.NewRequestWithContext(call, http.MethodPost, url, body)
	if err != nil {
		return nil, nil, err
	}
	timeout := fmt.Sprintf("%dm", left.Milliseconds())
	r.Header.Set("Content-Type", "application/grpc")
	r.Header.Set("TE", "trailers")
	r.Header.Set("Grpc-Timeout", timeout)
	trace(s.caller, "calls %s, grpc-timeout: %s", method, timeout)
	response, err := s.client.Do(r)
	if err != nil {
		return nil, nil, err
	}
	receive = func() ([]byte, error) {
		message, err := readFrame(response.Body)
		if !errors.Is(err, io.EOF) {
			return message, err
		}
		end := response.Trailer // filled when the body has been read
		if end.Get("Grpc-Status") == "" {
			end = response.Header
		}
		code, err := strconv.Atoi(end.Get("Grpc-Status"))
		if err != nil {
			return nil, Status{Unknown, "no status: " + response.Status}
		}
		if code != 0 {
			return nil, Status{code, end.Get("Grpc-Message")}
		}
		return nil, nil
	}
	return receive, response.Body.Close, nil
}

// Invoke is a unary call.
func (s Stub) Invoke(call Call, method string, request []byte) (reply []byte, err error) {
	receive, closeCall, err := s.Open(call, method, request)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, closeCall()) }()
	if reply, err = receive(); err != nil {
		return nil, err
	}
	if _, err := receive(); err != nil { // the status
		return nil, err
	}
	return reply, nil
}

var output sync.Mutex

func trace(who, format string, values ...any) {
	output.Lock()
	defer output.Unlock()
	fmt.Printf("%-11s%s\n", who, fmt.Sprintf(format, values...))
}

const (
	getStock   = "/shop.v1.Inventory/GetStock"
	watchStock = "/shop.v1.Inventory/WatchStock"
	countItems = "/shop.v1.Warehouse/Count"
)

// sku = 1 as string, quantity = 1 as int32; see the protobuf example.
func stockRequest(sku string) []byte {
	return append([]byte{1<<3 | 2, byte(len(sku))}, sku...)
}

func stockReply(quantity byte) []byte { return []byte{1<<3 | 0, quantity} }

// listen serves HTTP/2 without TLS on a free port.
func listen(handler http.Handler) (address string, stop func() error, err error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", nil, err
	}
	protocols := new(http.Protocols)
	protocols.SetUnencryptedHTTP2(true)
	server := &http.Server{
		Handler: handler, Protocols: protocols, ReadHeaderTimeout: 5 * time.Second,
	}
	ended := make(chan error, 1)
	go func() { ended <- server.Serve(listener) }()
	stop = func() error {
		closed := server.Close()
		if err := <-ended; !errors.Is(err, http.ErrServerClosed) {
			return errors.Join(closed, err)
		}
		return closed
	}
	return listener.Addr().String(), stop, nil
}

func warehouse(clock *Clock) http.Handler {
	mux := http.NewServeMux()
	count := func(call Call, _ []byte, send func([]byte) error) error {
		if err := call.Spend(60 * time.Millisecond); err != nil {
			return err
		}
		return send(stockReply(7))
	}
	mux.Handle("POST "+countItems, serve(clock, "warehouse", count))
	return mux
}

func inventory(clock *Clock, next Stub, changes <-chan byte, done chan<- error) http.Handler {
	mux := http.NewServeMux()
	get := func(call Call, request []byte, send func([]byte) error) error {
		if err := call.Spend(40 * time.Millisecond); err != nil {
			return err
		}
		reply, err := next.Invoke(call, countItems, request)
		if err != nil {
			return err
		}
		return send(reply)
	}
	watch := func(call Call, _ []byte, send func([]byte) error) error {
		for {
			select {
			case <-call.Done(): // the caller's RST_STREAM
				return call.Err()
			case quantity := <-changes:
				if err := send(stockReply(quantity)); err != nil {
					return err
				}
			}
		}
	}
	unknown := func(Call, []byte, func([]byte) error) error {
		return Status{Unimplemented, "no such method"}
	}
	mux.Handle("POST "+getStock, serve(clock, "inventory", get))
	mux.HandleFunc("POST "+watchStock, func(w http.ResponseWriter, r *http.Request) {
		serve(clock, "inventory", watch)(w, r)
		done <- r.Context().Err()
	})
	mux.Handle("/", serve(clock, "inventory", unknown))
	return mux
}

// result prints what the caller of a stub sees.
func result(reply []byte, err error) {
	if err != nil {
		trace("client", "gets %v", statusOf(err))
		return
	}
	trace("client", "gets % x", frame(reply))
}

func watch(clock *Clock, stub Stub, changes chan<- byte, done <-chan error) error {
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	call := Call{ctx, clock, clock.Now() + time.Minute}
	changes <- 7
	receive, closeCall, err := stub.Open(call, watchStock, stockRequest("PEN-1"))
	if err != nil {
		return err
	}
	message, err := receive()
	result(message, err)
	changes <- 6
	message, err = receive()
	result(message, err)
	trace("client", "cancels")
	cancel()
	ended := <-done
	if !errors.Is(ended, context.Canceled) {
		return fmt.Errorf("watch went on: %w", ended)
	}
	_, err = receive()
	result(nil, err)
	return closeCall()
}

func run() (err error) {
	clock := &Clock{}
	protocols := new(http.Protocols)
	protocols.SetUnencryptedHTTP2(true)
	client := &http.Client{
		Transport: &http.Transport{Protocols: protocols},
		Timeout:   10 * time.Second,
	}
	defer client.CloseIdleConnections()
	warehouseAt, stopWarehouse, err := listen(warehouse(clock))
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, stopWarehouse()) }()
	changes, done := make(chan byte, 1), make(chan error, 1)
	next := Stub{"inventory", warehouseAt, client}
	inventoryAt, stopInventory, err := listen(inventory(clock, next, changes, done))
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, stopInventory()) }()

	stub := Stub{"client", inventoryAt, client}
	for _, budget := range []time.Duration{250, 90, 30} {
		deadline := clock.Now() + budget*time.Millisecond
		call := Call{context.Background(), clock, deadline}
		result(stub.Invoke(call, getStock, stockRequest("PEN-1")))
	}
	return watch(clock, stub, changes, done)
}

func main() {
	if err := run(); err != nil {
		log.Fatal(err)
	}
}

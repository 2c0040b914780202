// Send four POST requests over a raw socket and print every byte.
package main

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"regexp"
	"strconv"
	"strings"
	"time"
)

const (
	timeout   = 5 * time.Second // for a whole connection
	maxLine   = 8192
	maxBody   = 65_536
	post      = "POST /orders HTTP/1.1\r\nHost: shop.test\r\n"
	chunks    = "4\r\n{\"qt\r\n5\r\ny\":2}\r\n0\r\n\r\n"
	getOrders = "GET /orders HTTP/1.1\r\nHost: shop.test\r\n\r\n"
	getAdmin  = "GET /admin HTTP/1.1\r\nHost: shop.test\r\n\r\n"
)

var cases = []struct{ title, request string }{
	{"Content-Length", post + "Content-Length: 9\r\n\r\n{\"qty\":2}"},
	{"Chunked", post + "Transfer-Encoding: chunked\r\n\r\n" + chunks},
	{"Neither, with a GET behind it", post + "\r\n{\"qty\":2}" + getOrders},
	{"Both, with a GET hidden inside", post +
		"Content-Length: 45\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n" +
		getAdmin},
}

var (
	requestLine = regexp.MustCompile(`^[A-Z]+ /\S* HTTP/1\.1$`)
	decimal     = regexp.MustCompile(`^[0-9]{1,9}$`)
	hexadecimal = regexp.MustCompile(`^[0-9a-fA-F]{1,9}$`)
)

func readLine(stream *bufio.Reader) (string, error) {
	line, err := stream.ReadSlice('\n') // at most maxLine, the reader's size
	if err != nil || !strings.HasSuffix(string(line), "\r\n") {
		return "", fmt.Errorf("bad line %q", line)
	}
	return string(line[:len(line)-2]), nil
}

func parseLength(digits string, base int) (int, error) {
	pattern := decimal
	if base == 16 {
		pattern = hexadecimal
	}
	if !pattern.MatchString(digits) { // no sign, no space, no list
		return 0, fmt.Errorf("bad length %q", digits)
	}
	size, err := strconv.ParseInt(digits, base, 64)
	return int(size), err
}

func readExactly(stream *bufio.Reader, size int) ([]byte, error) {
	if size > maxBody {
		return nil, errors.New("body too large")
	}
	data := make([]byte, size)
	if _, err := io.ReadFull(stream, data); err != nil {
		return nil, errors.New("body cut short")
	}
	return data, nil
}

func readHead(stream *bufio.Reader) (string, map[string]string, error) {
	start, err := readLine(stream)
	if err != nil {
		return "", nil, err
	}
	if !requestLine.MatchString(start) {
		return "", nil, fmt.Errorf("bad request line %q", start)
	}
	fields := map[string]string{}
	for {
		line, err := readLine(stream)
		if err != nil || line == "" { // the empty line ends the headers
			return start, fields, err
		}
		name, value, found := strings.Cut(line, ":")
		if !found || strings.ContainsAny(name, " \t") {
			return "", nil, fmt.Errorf("bad header %q", line)
		}
		name, value = strings.ToLower(name), strings.Trim(value, " \t")
		if earlier, repeated := fields[name]; repeated {
			value = earlier + ", " + value
		}
		fields[name] = value
	}
}

// --8<-- [start:show]
func readChunks(stream *bufio.Reader) ([]byte, error) {
	var body []byte
	for {
		line, err := readLine(stream)
		if err != nil {
			return nil, err
		}
		digits, _, _ := strings.Cut(line, ";")
		size, err := parseLength(digits, 16)
		if err != nil {
			return nil, err
		}
		if size == 0 {
			break
		}
		chunk, err := readExactly(stream, size)
		if err != nil {
			return nil, err
		}
		body = append(body, chunk...)
		end, err := readLine(stream)
		if err != nil || end != "" || len(body) > maxBody {
			return nil, errors.New("bad chunk")
		}
	}
	for { // trailer fields, up to the empty line
		line, err := readLine(stream)
		if err != nil || line == "" {
			return body, err
		}
	}
}

// readBody applies the rules of RFC 9112 section 6.3 for requests, in their order.
func readBody(stream *bufio.Reader, fields map[string]string) (string, []byte, error) {
	coding, coded := fields["transfer-encoding"]
	length, sized := fields["content-length"]
	switch {
	case coded && sized:
		return "", nil, errors.New("both lengths")
	case coded:
		if !strings.EqualFold(coding, "chunked") {
			return "", nil, fmt.Errorf("bad coding %q", coding)
		}
		body, err := readChunks(stream)
		return "chunked", body, err
	case sized:
		size, err := parseLength(length, 10)
		if err != nil {
			return "", nil, err
		}
		body, err := readExactly(stream, size)
		return "Content-Length", body, err
	default:
		return "no length", nil, nil // whatever follows is the next message
	}
}

// --8<-- [end:show]

// serve answers the messages of one connection; it refuses and closes at the first
// bad one.
func serve(listener net.Listener) (entries []string, err error) {
	connection, err := listener.Accept()
	if err != nil {
		return nil, err
	}
	defer connection.Close()
	if err := connection.SetDeadline(time.Now().Add(timeout)); err != nil {
		return nil, err
	}
	stream := bufio.NewReaderSize(connection, maxLine)
	for {
		if _, err := stream.Peek(1); err == io.EOF {
			return entries, nil
		}
		start, fields, bad := readHead(stream)
		var framing string
		var body []byte
		if bad == nil {
			framing, body, bad = readBody(stream, fields)
		}
		if bad != nil {
			return refuse(connection, stream, entries, bad)
		}
		request := strings.TrimSuffix(start, " HTTP/1.1")
		entries = append(entries, fmt.Sprintf("%s by %s: body %q", request, framing, body))
		answer := fmt.Sprintf("%d bytes", len(body))
		head := fmt.Sprintf("HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n", len(answer))
		if _, err := io.WriteString(connection, head+answer); err != nil {
			return nil, err
		}
	}
}

func refuse(
	connection net.Conn, stream io.Reader, entries []string, bad error,
) ([]string, error) {
	answer := "HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n"
	if _, err := io.WriteString(connection, answer); err != nil {
		return nil, err
	}
	// Closing with unread bytes could reset the connection and destroy the 400.
	rest, err := io.Copy(io.Discard, stream)
	return append(
		entries,
		fmt.Sprintf("400: %v", bad),
		fmt.Sprintf("discards %d bytes and closes", rest),
	), err
}

// exchange sends one case on a fresh connection and returns the server's log and the
// answers.
func exchange(request string) ([]string, string, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, "", err
	}
	defer listener.Close()
	type result struct {
		entries []string
		err     error
	}
	served := make(chan result, 1)
	go func() {
		entries, err := serve(listener)
		served <- result{entries, err}
	}()

	client, err := net.DialTimeout("tcp", listener.Addr().String(), timeout)
	if err != nil {
		return nil, "", err
	}
	defer client.Close()
	if err := client.SetDeadline(time.Now().Add(timeout)); err != nil {
		return nil, "", err
	}
	if _, err := io.WriteString(client, request); err != nil {
		return nil, "", err
	}
	if err := client.(*net.TCPConn).CloseWrite(); err != nil { // nothing more to send
		return nil, "", err
	}
	received, err := io.ReadAll(client)
	if err != nil {
		return nil, "", err
	}
	server := <-served
	return server.entries, string(received), server.err
}

func main() {
	for index, test := range cases {
		entries, received, err := exchange(test.request)
		if err != nil {
			log.Fatal(err)
		}
		fmt.Printf("%d. %s\n", index+1, test.title)
		for line := range strings.Lines(test.request) {
			fmt.Printf("   client  %q\n", line)
		}
		for _, entry := range entries {
			fmt.Printf("   server  %s\n", entry)
		}
		for _, answer := range strings.Split(received, "HTTP/1.1 ")[1:] {
			fmt.Printf("   answer  %q\n", "HTTP/1.1 "+answer)
		}
	}
}

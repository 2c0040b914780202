package main

// The part of RFC 6455 that an example needs: handshake, text and control frames.
//
// A real service uses a library (coder/websocket). This one knows no fragments, no
// binary frames, no extensions and no TLS.

import (
	"bufio"
	"crypto/rand"
	"crypto/sha1"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"time"
	"unicode/utf8"
)

const (
	guid         = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
	frameTimeout = 5 * time.Second
)

// Opcodes and close codes.
const (
	Text  byte = 0x1
	Close byte = 0x8
	Ping  byte = 0x9
	Pong  byte = 0xA

	GoingAway     = 1001
	ProtocolError = 1002
	NotUTF8       = 1007
	TooBig        = 1009
)

// FrameError is how the peer broke the protocol, as a close code.
type FrameError int

func (e FrameError) Error() string { return fmt.Sprintf("close %d", int(e)) }

// --8<-- [start:show]

// AcceptKey proves that the server understood a WebSocket handshake, and no cache
// answered.
func AcceptKey(nonce string) string {
	sum := sha1.Sum([]byte(nonce + guid))
	return base64.StdEncoding.EncodeToString(sum[:])
}

// EncodeFrame puts one whole message into one frame; only clients pass a mask.
func EncodeFrame(opcode byte, payload, mask []byte) []byte {
	var bit byte
	if mask != nil {
		bit = 0x80
	}
	frame := []byte{0x80 | opcode, bit | byte(len(payload))}
	if len(payload) >= 126 {
		frame[1] = bit | 126
		frame = binary.BigEndian.AppendUint16(frame, uint16(len(payload)))
	}
	frame = append(frame, mask...)
	return append(frame, masked(payload, mask)...)
}

func masked(payload, mask []byte) []byte {
	if mask == nil {
		return payload
	}
	result := make([]byte, len(payload))
	for i, b := range payload {
		result[i] = b ^ mask[i%4]
	}
	return result
}

// ReadFrame returns the next frame, or a FrameError.
func ReadFrame(from io.Reader, fromClient bool) (opcode byte, payload []byte, err error) {
	var head [2]byte
	if _, err := io.ReadFull(from, head[:]); err != nil {
		return 0, nil, err
	}
	opcode, size := head[0]&0x0F, int(head[1]&0x7F)
	known := opcode == Text || opcode == Close || opcode == Ping || opcode == Pong
	if head[0]&0xF0 != 0x80 || !known {
		return 0, nil, FrameError(ProtocolError) // a library would join fragments here
	}
	if (head[1]&0x80 != 0) != fromClient || (opcode >= Close && size > 125) {
		return 0, nil, FrameError(ProtocolError) // clients mask, servers must not
	}
	if size == 127 {
		return 0, nil, FrameError(TooBig) // refused before a byte of it is read
	}
	if size == 126 {
		if _, err := io.ReadFull(from, head[:]); err != nil {
			return 0, nil, err
		}
		size = int(binary.BigEndian.Uint16(head[:]))
	}
	var mask []byte
	if fromClient {
		mask = make([]byte, 4)
		if _, err := io.ReadFull(from, mask); err != nil {
			return 0, nil, err
		}
	}
	payload = make([]byte, size)
	if _, err := io.ReadFull(from, payload); err != nil {
		return 0, nil, err
	}
	payload = masked(payload, mask)
	if opcode == Text && !utf8.Valid(payload) {
		return 0, nil, FrameError(NotUTF8)
	}
	return opcode, payload, nil
}

// --8<-- [end:show]

// Client is the browser's half.
type Client struct {
	Status int
	conn   net.Conn
	reader *bufio.Reader
}

// Dial connects and sends the handshake; a refusal is a status, not an error.
func Dial(address, path, origin string) (*Client, error) {
	conn, err := net.DialTimeout("tcp", address, frameTimeout)
	if err != nil {
		return nil, err
	}
	key := make([]byte, 16)
	_, _ = rand.Read(key) // never fails
	nonce := base64.StdEncoding.EncodeToString(key)
	err = conn.SetDeadline(time.Now().Add(4 * frameTimeout))
	if err == nil {
		_, err = fmt.Fprintf(conn, "GET %s HTTP/1.1\r\nHost: %s\r\nOrigin: %s\r\n"+
			"Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"+
			"Sec-WebSocket-Key: %s\r\n\r\n", path, address, origin, nonce)
	}
	if err != nil {
		return nil, errors.Join(err, conn.Close())
	}
	reader := bufio.NewReader(conn)
	response, err := http.ReadResponse(reader, nil)
	if err != nil {
		return nil, errors.Join(err, conn.Close())
	}
	_ = response.Body.Close()
	proof := response.Header.Get("Sec-WebSocket-Accept")
	if response.StatusCode == http.StatusSwitchingProtocols && proof != AcceptKey(nonce) {
		return nil, errors.Join(errors.New("not a WebSocket server"), conn.Close())
	}
	return &Client{response.StatusCode, conn, reader}, nil
}

// Send sends one masked frame.
func (c *Client) Send(opcode byte, payload []byte) error {
	mask := make([]byte, 4)
	_, _ = rand.Read(mask)
	_, err := c.conn.Write(EncodeFrame(opcode, payload, mask))
	return err
}

// SendUnmasked breaks the protocol.
func (c *Client) SendUnmasked(text string) error {
	_, err := c.conn.Write(EncodeFrame(Text, []byte(text), nil))
	return err
}

// Receive returns the next frame as it came: pings are the caller's to answer.
func (c *Client) Receive() (opcode byte, text string, err error) {
	opcode, payload, err := ReadFrame(c.reader, false)
	if err == nil && opcode == Close {
		return opcode, fmt.Sprint(binary.BigEndian.Uint16(payload)), nil
	}
	return opcode, string(payload), err
}

// IsCut reads what is left: did the server hang up without a close frame?
func (c *Client) IsCut() bool {
	for {
		opcode, _, err := c.Receive()
		if err != nil {
			return !errors.Is(err, os.ErrDeadlineExceeded)
		}
		if opcode == Close {
			return false
		}
	}
}

// Hangup closes the connection without a word.
func (c *Client) Hangup() { _ = c.conn.Close() }

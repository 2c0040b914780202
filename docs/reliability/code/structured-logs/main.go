// Log two checkouts at once: context, redaction, causes, one line per record.
package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log"
	"log/slog"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"sync"
	"time"
)

const (
	longest = 2000 // bytes of one value; patterns run on every line
	deepest = 5    // nesting of causes
	forged  = "bob\n" + `{"level":"INFO","msg":"admin login ok"}`
)

var (
	secretKeys = []string{"password", "authorization", "cookie", "setcookie", "token", "apikey"}
	bearer     = regexp.MustCompile(`\bBearer [\w.~+/=-]+`)
	email      = regexp.MustCompile(`[\w.+-]+@[\w.-]+\.\w+`)
	cardNumber = regexp.MustCompile(`\b[0-9](?:[ -]?[0-9]){12,18}\b`)
	separators = strings.NewReplacer("-", "", "_", "")
	first      = ids{"4bf92f3577b34da6a3ce929d0e0e4736", "b7ad6b7169203331"}
	second     = ids{"0af7651916cd43dd8448eb211c80319c", "53995c3f42cd8ad8"}
	secrets    = []string{"hunter2", "sample-token", "ada@example.com", "4242 4242"}
)

// ids name a request's trace and this service's part in it.
type ids struct{ trace, span string }

// now stands in for the clock.
func now() time.Time { return time.Date(2026, 11, 21, 9, 0, 0, 0, time.UTC) }

// card masks what passes the Luhn check; other long numbers stay.
func card(text string) string {
	sum, place := 0, 0
	for _, char := range slices.Backward([]byte(text)) {
		if char < '0' || char > '9' {
			continue
		}
		digit := int(char - '0')
		if place%2 == 1 {
			digit *= 2
		}
		sum += digit/10 + digit%10
		place++
	}
	if sum%10 != 0 {
		return text
	}
	return "[card]"
}

// --8<-- [start:show]
type requestKey struct{}

func scrub(text string) string {
	text = strings.ToValidUTF8(text[:min(len(text), longest)], "")
	text = bearer.ReplaceAllString(text, "Bearer [redacted]")
	text = email.ReplaceAllString(text, "[email]")
	return cardNumber.ReplaceAllStringFunc(text, card)
}

// clean is called for each attribute, also for those inside groups.
func clean(groups []string, attr slog.Attr) slog.Attr {
	if slices.Contains(secretKeys, separators.Replace(strings.ToLower(attr.Key))) {
		return slog.String(attr.Key, "[redacted]")
	}
	switch value := attr.Value.Any().(type) {
	case string:
		return slog.String(attr.Key, scrub(value))
	case error:
		return slog.Attr{Key: attr.Key, Value: describe(value, deepest)}
	case nil, slog.Level, []string:
		return attr
	default:
		if attr.Value.Kind() == slog.KindAny { // a map or struct hides its keys
			return slog.String(attr.Key, fmt.Sprintf("[%T, use a group]", value))
		}
		return attr
	}
}

func describe(err error, depth int) slog.Value {
	name := strings.TrimPrefix(fmt.Sprintf("%T", err), "*main.")
	known := []slog.Attr{slog.String("type", name), slog.String("message", err.Error())}
	if cause := errors.Unwrap(err); cause != nil && depth > 1 {
		inner := slog.Attr{Key: "cause", Value: describe(cause, depth-1)}
		return slog.GroupValue(append(known, inner)...)
	}
	var traced interface{ Frames() []string } // errors carry no stack by themselves
	if errors.As(err, &traced) {
		known = append(known, slog.Any("stack", traced.Frames()))
	}
	return slog.GroupValue(known...)
}

// withRequest adds what the context knows to each record.
type withRequest struct{ slog.Handler }

func (h withRequest) Handle(ctx context.Context, r slog.Record) error {
	line := slog.NewRecord(now(), r.Level, r.Message, r.PC)
	if request, ok := ctx.Value(requestKey{}).(ids); ok {
		line.Add("trace_id", request.trace, "span_id", request.span)
	}
	r.Attrs(func(attr slog.Attr) bool { line.AddAttrs(attr); return true })
	return h.Handler.Handle(ctx, line) // escapes line breaks
}

// --8<-- [end:show]

// WithAttrs keeps the wrapper around loggers made by logger.With.
func (h withRequest) WithAttrs(attrs []slog.Attr) slog.Handler {
	return withRequest{h.Handler.WithAttrs(attrs)}
}

// WithGroup keeps the wrapper around loggers made by logger.WithGroup.
func (h withRequest) WithGroup(name string) slog.Handler {
	return withRequest{h.Handler.WithGroup(name)}
}

// CheckoutError says that the order could not be paid.
type CheckoutError struct {
	order int
	cause error
}

// Error leaves the cause to Unwrap: the log shows the whole chain.
func (e *CheckoutError) Error() string { return fmt.Sprintf("order %d not paid", e.order) }

func (e *CheckoutError) Unwrap() error { return e.cause }

// GatewayTimeout says that the payment provider did not answer.
type GatewayTimeout struct {
	message string
	callers []uintptr
}

func newGatewayTimeout(message string) *GatewayTimeout {
	callers := make([]uintptr, 16)
	return &GatewayTimeout{message, callers[:runtime.Callers(2, callers)]}
}

func (e *GatewayTimeout) Error() string { return e.message }

// Frames names the two innermost functions; production keeps file and line too.
func (e *GatewayTimeout) Frames() []string {
	names := []string{}
	frames := runtime.CallersFrames(e.callers)
	for range 2 {
		frame, _ := frames.Next()
		names = append(names, strings.TrimPrefix(frame.Function, "main."))
	}
	return names
}

func charge(order int) error {
	if order == 7 {
		return newGatewayTimeout("no answer to Bearer sample-token")
	}
	return nil
}

func checkout(order int) error {
	if err := charge(order); err != nil {
		return &CheckoutError{order, err}
	}
	return nil
}

func handle(ctx context.Context, logger *slog.Logger, order int, both *sync.WaitGroup) {
	logger.InfoContext(ctx, "checkout started", "order", order)
	logger.DebugContext(ctx, "cart loaded")
	both.Done()
	both.Wait()
	if err := checkout(order); err != nil {
		logger.ErrorContext(ctx, "checkout failed", "order", order, "error", err)
		return
	}
	logger.InfoContext(ctx, "checkout done", "order", order)
}

func experiment(logger *slog.Logger) {
	withFirst := context.WithValue(context.Background(), requestKey{}, first)
	withSecond := context.WithValue(context.Background(), requestKey{}, second)
	var both, done sync.WaitGroup
	both.Add(2)
	done.Add(2)
	go func() {
		defer done.Done()
		handle(withFirst, logger, 7, &both)
	}()
	go func() {
		defer done.Done()
		handle(withSecond, logger, 8, &both)
	}()
	done.Wait()
	logger.InfoContext(withSecond, "login",
		"user", forged,
		"password", "hunter2",
		slog.Group("headers", "Authorization", "Bearer sample-token", "Accept", "text/html"),
		"note", "from ada@example.com, card 4242 4242 4242 4242, parcel 1234567890123456",
	)
}

type problem struct {
	Type    string   `json:"type"`
	Message string   `json:"message"`
	Cause   *problem `json:"cause"`
	Stack   []string `json:"stack"`
}

type record struct {
	Time     string            `json:"time"`
	Level    string            `json:"level"`
	Msg      string            `json:"msg"`
	TraceID  string            `json:"trace_id"`
	SpanID   string            `json:"span_id"`
	Order    int               `json:"order"`
	Error    *problem          `json:"error"`
	Password string            `json:"password"`
	Headers  map[string]string `json:"headers"`
	Note     string            `json:"note"`
	User     string            `json:"user"`
}

func run() error {
	naive, err := json.Marshal(struct {
		Level string `json:"level"`
		Error error  `json:"error"`
	}{"error", &CheckoutError{order: 7}})
	if err != nil {
		return err
	}
	fmt.Println("naive: ", string(naive))

	var output bytes.Buffer
	options := &slog.HandlerOptions{Level: slog.LevelInfo, ReplaceAttr: clean}
	experiment(slog.New(withRequest{slog.NewJSONHandler(&output, options)}))
	written := output.String()
	var records []record
	for line := range strings.Lines(written) {
		var r record
		if err := json.Unmarshal([]byte(line), &r); err != nil {
			return err
		}
		records = append(records, r)
	}

	failed := records[slices.IndexFunc(records, func(r record) bool { return r.Error != nil })]
	fmt.Println("\nthe failed checkout")
	for _, row := range [][2]string{
		{"time", failed.Time},
		{"level", failed.Level},
		{"msg", failed.Msg},
		{"trace_id", failed.TraceID},
		{"span_id", failed.SpanID},
		{"order", fmt.Sprint(failed.Order)},
		{"error", failed.Error.Type + ": " + failed.Error.Message},
		{"cause", failed.Error.Cause.Type + ": " + failed.Error.Cause.Message},
		{"stack", strings.Join(failed.Error.Cause.Stack, " < ")},
	} {
		fmt.Printf("  %-9s %s\n", row[0], row[1])
	}

	login := records[len(records)-1]
	fmt.Println("\nthe login")
	fmt.Printf("  password  %s\n", login.Password)
	fmt.Printf("  headers   %s | %s\n", login.Headers["Authorization"], login.Headers["Accept"])
	fmt.Printf("  note      %s\n", login.Note)
	text := strings.Split("login user="+forged, "\n")
	fmt.Printf("  as text   %d lines, the second: %s\n", len(text), text[1])
	same := "changed"
	if login.User == forged {
		same = "unchanged"
	}
	fmt.Printf("  as JSON   1 line, the name reads back %s\n", same)

	fmt.Println("\nlines by request")
	for _, request := range []ids{first, second} {
		var mine []string
		for _, r := range records {
			if r.TraceID == request.trace {
				mine = append(mine, r.Msg)
			}
		}
		fmt.Printf("  %s %s  %s\n", request.trace[:8], request.span[:8], strings.Join(mine, ", "))
	}
	whole, debug, leaks := 0, 0, 0
	for _, r := range records {
		if r.TraceID != "" && r.SpanID != "" {
			whole++
		}
		if r.Level == "DEBUG" {
			debug++
		}
	}
	for _, secret := range secrets {
		if strings.Contains(written, secret) {
			leaks++
		}
	}
	fmt.Printf("\nwith trace_id and span_id: %d of %d\n", whole, len(records))
	fmt.Printf("debug lines at level info: %d\n", debug)
	fmt.Printf("secrets in the output: %d\n", leaks)
	return nil
}

func main() {
	if err := run(); err != nil {
		log.Fatal(err)
	}
}

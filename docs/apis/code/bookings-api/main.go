// Serve a small bookings API on loopback and print what a client sees of it.
package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log"
	"maps"
	"mime"
	"net"
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
)

const (
	timeout    = 5 * time.Second // for every request, on both sides
	maxBody    = 65_536
	maxBatch   = 100
	jsonType   = "application/json"
	mergePatch = "application/merge-patch+json"
)

var (
	rooms  = []string{"7", "8"}
	sleeps = map[string]int{"7": 4, "8": 2}
	month  = regexp.MustCompile(`^[0-9]{4}-(0[1-9]|1[0-2])$`)
	text   = regexp.MustCompile(`^\S.{0,79}$`)
)

type document map[string]any

// pairs are links by relation, or header fields by name.
type pairs map[string]string

// problem is a refusal that the client can act on.
type problem struct {
	status int
	detail string
}

func (p *problem) Error() string { return p.detail }

func refuse(status int, format string, values ...any) *problem {
	return &problem{status, fmt.Sprintf(format, values...)}
}

type response struct {
	status  int
	content any // nil for none
	headers pairs
}

type booking struct {
	id                 int
	room, night, guest string
	party, version     int
	reason             string // why it was canceled
}

func (b *booking) uri() string { return fmt.Sprintf("/bookings/%d", b.id) }

func (b *booking) etag() string { return fmt.Sprintf(`"%d"`, b.version) }

func (b *booking) represent() document {
	status := "confirmed"
	links := pairs{"self": b.uri(), "room": "/rooms/" + b.room}
	if b.reason == "" { // offered only while it is possible
		links["cancellation"] = b.uri() + "/cancellation"
	} else {
		status = "canceled"
	}
	return document{
		"id": strconv.Itoa(b.id), "night": b.night, "guest": b.guest,
		"party": b.party, "status": status, "links": links,
	}
}

type job struct {
	Status string `json:"status"`
	Month  string `json:"month"`
	Links  pairs  `json:"links"`
}

type bookingFields struct {
	Night string `json:"night"`
	Guest string `json:"guest"`
	Party int    `json:"party"`
}

type hotel struct {
	mu       sync.Mutex // guards everything below
	bookings []*booking
	reports  []document
	jobs     []job
}

func find[T any](items []T, id string) (T, error) {
	number, err := strconv.Atoi(id)
	if err != nil || number < 1 || number > len(items) {
		var none T
		return none, refuse(404, "no such resource")
	}
	return items[number-1], nil
}

func checkParty(party int, room string) error {
	if party < 1 || party > sleeps[room] {
		return refuse(422, "party must be 1 to %d in room %s", sleeps[room], room)
	}
	return nil
}

// addBooking checks everything, then stores; the caller holds the lock.
func (h *hotel) addBooking(room string, fields bookingFields) (*booking, error) {
	if _, found := sleeps[room]; !found {
		return nil, refuse(404, "no room %s", room)
	}
	if _, err := time.Parse(time.DateOnly, fields.Night); err != nil {
		return nil, refuse(422, "night is missing or malformed")
	}
	if !text.MatchString(fields.Guest) {
		return nil, refuse(422, "guest is missing or malformed")
	}
	if err := checkParty(fields.Party, room); err != nil {
		return nil, err
	}
	for _, other := range h.bookings {
		if other.room == room && other.night == fields.Night && other.reason == "" {
			return nil, refuse(409, "room %s is taken on %s", room, fields.Night)
		}
	}
	b := &booking{
		id: len(h.bookings) + 1, room: room, night: fields.Night,
		guest: fields.Guest, party: fields.Party, version: 1,
	}
	h.bookings = append(h.bookings, b)
	return b, nil
}

func (h *hotel) postBooking(r *http.Request) (*response, error) {
	var fields bookingFields
	if err := read(r, jsonType, &fields); err != nil {
		return nil, err
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	b, err := h.addBooking(r.PathValue("room"), fields)
	if err != nil {
		return nil, err
	}
	headers := pairs{"Location": b.uri(), "ETag": b.etag()}
	return &response{201, b.represent(), headers}, nil
}

// --8<-- [start:show]
func (h *hotel) patchBooking(r *http.Request) (*response, error) {
	var change struct {
		Party int `json:"party"`
	}
	if err := read(r, mergePatch, &change); err != nil {
		return nil, err
	}
	h.mu.Lock() // compare and write are one step
	defer h.mu.Unlock()
	b, err := find(h.bookings, r.PathValue("booking"))
	if err != nil {
		return nil, err
	}
	if err := checkVersion(r.Header.Get("If-Match"), b.etag()); err != nil {
		return nil, err
	}
	if b.reason != "" {
		return nil, refuse(409, "a canceled booking cannot change")
	}
	if err := checkParty(change.Party, b.room); err != nil {
		return nil, err
	}
	b.party = change.Party
	b.version++
	return &response{200, b.represent(), pairs{"ETag": b.etag()}}, nil
}

func checkVersion(ifMatch, etag string) error {
	if ifMatch == "" {
		return refuse(428, "send If-Match")
	}
	for tag := range strings.SplitSeq(ifMatch, ",") {
		tag = strings.TrimSpace(tag)
		if tag == "*" || tag == etag { // W/"1" is never equal to "1"
			return nil
		}
	}
	return refuse(412, "it is now %s", etag)
}

// bookItem answers one item as if it had come alone, under the client's reference.
func (h *hotel) bookItem(raw json.RawMessage) document {
	var item struct {
		Ref     string        `json:"ref"`
		Room    string        `json:"room"`
		Booking bookingFields `json:"booking"`
	}
	err := decode(bytes.NewReader(raw), &item)
	if err == nil {
		h.mu.Lock()
		defer h.mu.Unlock()
		var b *booking
		if b, err = h.addBooking(item.Room, item.Booking); err == nil {
			return document{"ref": item.Ref, "status": 201, "location": b.uri()}
		}
	}
	p := asProblem(err)
	return document{"ref": item.Ref, "status": p.status, "detail": p.detail}
}

func (h *hotel) getJob(r *http.Request) (*response, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	j, err := find(h.jobs, r.PathValue("job"))
	if err != nil {
		return nil, err
	}
	if j.Status == "done" {
		return &response{303, j, pairs{"Location": j.Links["result"]}}, nil
	}
	return &response{200, j, pairs{"Retry-After": "1"}}, nil
}

// --8<-- [end:show]

func (h *hotel) postBatch(r *http.Request) (*response, error) {
	var batch struct {
		Items []json.RawMessage `json:"items"`
	}
	if err := read(r, jsonType, &batch); err != nil {
		return nil, err
	}
	if len(batch.Items) < 1 || len(batch.Items) > maxBatch {
		return nil, refuse(422, "send 1 to %d items", maxBatch)
	}
	results := make([]document, 0, len(batch.Items))
	for _, item := range batch.Items {
		results = append(results, h.bookItem(item))
	}
	return &response{207, document{"results": results}, nil}, nil
}

func (h *hotel) postReport(r *http.Request) (*response, error) {
	var order struct {
		Month string `json:"month"`
	}
	if err := read(r, jsonType, &order); err != nil {
		return nil, err
	}
	if !month.MatchString(order.Month) {
		return nil, refuse(422, "month is missing or malformed")
	}
	h.mu.Lock() // the job is stored before it is promised
	defer h.mu.Unlock()
	uri := fmt.Sprintf("/jobs/%d", len(h.jobs)+1)
	j := job{"queued", order.Month, pairs{"self": uri}}
	h.jobs = append(h.jobs, j)
	return &response{202, j, pairs{"Location": uri, "Retry-After": "1"}}, nil
}

// runWorker finishes every queued job; a real worker runs beside the API.
func (h *hotel) runWorker() {
	h.mu.Lock()
	defer h.mu.Unlock()
	for i, j := range h.jobs {
		if j.Status != "queued" {
			continue
		}
		nights := 0
		for _, b := range h.bookings {
			if b.reason == "" && strings.HasPrefix(b.night, j.Month) {
				nights++
			}
		}
		h.reports = append(h.reports, document{"month": j.Month, "nights": nights})
		result := fmt.Sprintf("/reports/%d", len(h.reports))
		h.jobs[i] = job{"done", j.Month, pairs{"self": j.Links["self"], "result": result}}
	}
}

func (h *hotel) putCancellation(r *http.Request) (*response, error) {
	var cancellation struct {
		Reason string `json:"reason"`
	}
	if err := read(r, jsonType, &cancellation); err != nil {
		return nil, err
	}
	if !text.MatchString(cancellation.Reason) {
		return nil, refuse(422, "reason is missing or malformed")
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	b, err := find(h.bookings, r.PathValue("booking"))
	if err != nil {
		return nil, err
	}
	status := 200
	switch b.reason {
	case cancellation.Reason:
	case "":
		status = 201
		b.reason = cancellation.Reason
		b.version++
	default:
		return nil, refuse(409, "canceled for another reason")
	}
	content := document{"reason": b.reason, "links": pairs{"booking": b.uri()}}
	return &response{status, content, nil}, nil
}

func (h *hotel) getRoot(*http.Request) (*response, error) {
	uris := pairs{"batches": "/booking-batches", "reports": "/reports", "rooms": "/rooms"}
	return &response{200, document{"links": uris}, nil}, nil
}

func (h *hotel) getRooms(*http.Request) (*response, error) {
	var items []document
	for _, room := range rooms {
		items = append(items, document{
			"id": room, "sleeps": sleeps[room],
			"links": pairs{"bookings": "/rooms/" + room + "/bookings"},
		})
	}
	return &response{200, document{"items": items}, nil}, nil
}

func (h *hotel) getBooking(r *http.Request) (*response, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	b, err := find(h.bookings, r.PathValue("booking"))
	if err != nil {
		return nil, err
	}
	headers := pairs{"ETag": b.etag(), "Cache-Control": "private, no-cache"}
	if r.Header.Get("If-None-Match") == b.etag() {
		return &response{304, nil, headers}, nil
	}
	return &response{200, b.represent(), headers}, nil
}

func (h *hotel) getReport(r *http.Request) (*response, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	report, err := find(h.reports, r.PathValue("report"))
	if err != nil {
		return nil, err
	}
	return &response{200, report, nil}, nil
}

// read decodes a body of the expected media type.
func read(r *http.Request, mediaType string, target any) error {
	sent, _, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if err != nil || sent != mediaType {
		return refuse(415, "send %s", mediaType)
	}
	return decode(r.Body, target)
}

// decode accepts exactly one JSON value, without unknown fields.
func decode(source io.Reader, target any) error {
	decoder := json.NewDecoder(source)
	decoder.DisallowUnknownFields()
	err := decoder.Decode(target)
	var syntax *json.SyntaxError
	var large *http.MaxBytesError
	switch {
	case errors.As(err, &large):
		return refuse(413, "at most %d bytes", maxBody)
	case errors.As(err, &syntax), err == io.EOF, err == io.ErrUnexpectedEOF:
		return refuse(400, "not JSON")
	case err != nil:
		return refuse(422, "the value does not fit the schema")
	}
	if _, err := decoder.Token(); err != io.EOF {
		return refuse(400, "more than one JSON value")
	}
	return nil
}

func asProblem(err error) *problem {
	var p *problem
	if errors.As(err, &p) {
		return p
	}
	log.Print(err)
	return refuse(500, "unexpected error")
}

// handler turns a request into a response or a refusal; writing happens outside it, and
// so outside the lock.
type handler func(*http.Request) (*response, error)

func (serve handler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	r.Body = http.MaxBytesReader(w, r.Body, maxBody)
	contentType := jsonType
	answer, err := serve(r)
	if err != nil {
		p := asProblem(err)
		answer = &response{p.status, document{"status": p.status, "detail": p.detail}, nil}
		contentType = "application/problem+json"
	}
	for name, value := range answer.headers {
		w.Header().Set(name, value)
	}
	if answer.content == nil {
		w.WriteHeader(answer.status)
		return
	}
	w.Header().Set("Content-Type", contentType)
	w.WriteHeader(answer.status)
	if err := json.NewEncoder(w).Encode(answer.content); err != nil {
		log.Print(err)
	}
}

func (h *hotel) routes() http.Handler {
	mux := http.NewServeMux() // answers 404 and 405 with Allow by itself
	mux.Handle("GET /{$}", handler(h.getRoot))
	mux.Handle("GET /rooms", handler(h.getRooms))
	mux.Handle("POST /rooms/{room}/bookings", handler(h.postBooking))
	mux.Handle("GET /bookings/{booking}", handler(h.getBooking))
	mux.Handle("PATCH /bookings/{booking}", handler(h.patchBooking))
	mux.Handle("PUT /bookings/{booking}/cancellation", handler(h.putCancellation))
	mux.Handle("POST /booking-batches", handler(h.postBatch))
	mux.Handle("POST /reports", handler(h.postReport))
	mux.Handle("GET /reports/{report}", handler(h.getReport))
	mux.Handle("GET /jobs/{job}", handler(h.getJob))
	return mux
}

type answer struct {
	status   int
	header   http.Header
	document document
}

// client sends requests and never follows a redirect by itself.
type client struct {
	base string
	http http.Client
}

func (c *client) send(
	method, uri string, body document, headers pairs,
) (*answer, error) {
	var content io.Reader
	if body != nil {
		encoded, err := json.Marshal(body)
		if err != nil {
			return nil, err
		}
		content = bytes.NewReader(encoded)
	}
	request, err := http.NewRequest(method, c.base+uri, content)
	if err != nil {
		return nil, err
	}
	if body != nil {
		request.Header.Set("Content-Type", jsonType)
		if method == "PATCH" {
			request.Header.Set("Content-Type", mergePatch)
		}
	}
	for name, value := range headers {
		request.Header.Set(name, value)
	}
	response, err := c.http.Do(request)
	if err != nil {
		return nil, err
	}
	defer response.Body.Close()
	received, err := io.ReadAll(response.Body)
	if err != nil {
		return nil, err
	}
	a := &answer{status: response.StatusCode, header: response.Header}
	if strings.HasSuffix(response.Header.Get("Content-Type"), "json") {
		err = json.Unmarshal(received, &a.document)
	}
	return a, err
}

// show sends one request and prints one line about it.
func (c *client) show(
	method, uri string, body document, headers pairs, note func(document) string,
) *answer {
	a, err := c.send(method, uri, body, headers)
	if err != nil {
		log.Fatal(err)
	}
	var words []string
	for name, value := range headers {
		words = append(words, name+" "+value)
	}
	for _, name := range []string{"Location", "ETag", "Allow", "Retry-After"} {
		if value := a.header.Get(name); value != "" {
			words = append(words, name+" "+value)
		}
	}
	if detail, found := a.document["detail"]; a.status >= 400 && found {
		words = append(words, detail.(string))
	}
	if note != nil {
		words = append(words, note(a.document))
	}
	start := fmt.Sprintf("  %-6s %-24s %d ", method, uri, a.status)
	fmt.Println(strings.TrimRight(start+strings.Join(words, "; "), " "))
	return a
}

// race sends ten equal PATCH requests at the same moment and counts the answers.
func (c *client) race(uri string, body document, headers pairs) {
	statuses := make(chan int, 10)
	var rivals sync.WaitGroup
	for range 10 {
		rivals.Add(1)
		go func() {
			defer rivals.Done()
			a, err := c.send("PATCH", uri, body, headers)
			if err != nil {
				log.Fatal(err)
			}
			statuses <- a.status
		}()
	}
	rivals.Wait()
	close(statuses)
	counts := map[int]int{}
	for status := range statuses {
		counts[status]++
	}
	var tally []string
	for _, status := range slices.Sorted(maps.Keys(counts)) {
		tally = append(tally, fmt.Sprintf("%d x %d", counts[status], status))
	}
	all := strings.Join(tally, ", ")
	fmt.Printf("  PATCH  %-24s %s; If-Match %s\n", uri, all, headers["If-Match"])
}

func link(holder any, relation string) string {
	return holder.(map[string]any)["links"].(map[string]any)[relation].(string)
}

func linksOf(d document) string {
	names := slices.Sorted(maps.Keys(d["links"].(map[string]any)))
	return "links " + strings.Join(names, " ")
}

func tour(c *client, runWorker func()) {
	fmt.Println(`1. Only "/" is known; every other URI comes from a response`)
	root := map[string]any(c.show("GET", "/", nil, nil, linksOf).document)
	items := c.show("GET", link(root, "rooms"), nil, nil, func(d document) string {
		var words []string
		for _, item := range d["items"].([]any) {
			room := item.(map[string]any)
			words = append(words, fmt.Sprintf("room %s sleeps %v", room["id"], room["sleeps"]))
		}
		return strings.Join(words, ", ")
	}).document["items"].([]any)

	fmt.Println("2. Create in the nested collection, read at the booking's own URI")
	ada := document{"night": "2027-03-01", "guest": "Ada", "party": 2}
	bookings := link(items[0], "bookings")
	created := c.show("POST", bookings, ada, nil, nil).header
	booking, tag := created.Get("Location"), created.Get("ETag")
	c.show("GET", booking, nil, nil, linksOf)
	c.show("GET", booking, nil, pairs{"If-None-Match": tag}, nil)
	c.show("POST", bookings, ada, nil, nil)
	c.show("DELETE", booking, nil, nil, nil)

	fmt.Println("3. Two editors, then ten at once, each holding the same ETag")
	changed := c.show("PATCH", booking, document{"party": 3}, pairs{"If-Match": tag}, nil)
	c.show("PATCH", booking, document{"party": 1}, pairs{"If-Match": tag}, nil)
	c.show("PATCH", booking, document{"party": 1}, nil, nil)
	tag = changed.header.Get("ETag")
	c.race(booking, document{"party": 4}, pairs{"If-Match": tag})
	latest := c.show("GET", booking, nil, nil, func(d document) string {
		return fmt.Sprintf("party %v", d["party"])
	}).document

	fmt.Println("4. An action is a resource, and PUT makes its retry harmless")
	cancellation := link(map[string]any(latest), "cancellation")
	for range 2 {
		c.show("PUT", cancellation, document{"reason": "ill"}, nil, nil)
	}
	c.show("GET", booking, nil, nil, linksOf)

	fmt.Println("5. One batch, one result per item")
	bob := document{"night": "2027-03-02", "guest": "Bob", "party": 2}
	crowd := maps.Clone(bob)
	crowd["party"] = 9
	batch := c.show("POST", link(root, "batches"), document{"items": []document{
		{"ref": "a", "room": "7", "booking": bob},
		{"ref": "b", "room": "8", "booking": crowd},
		{"ref": "c", "room": "7", "booking": bob},
	}}, nil, nil).document
	for _, entry := range batch["results"].([]any) {
		result := entry.(map[string]any)
		outcome, found := result["location"]
		if !found {
			outcome = result["detail"]
		}
		fmt.Printf("         item %-19s %v %s\n", result["ref"], result["status"], outcome)
	}

	fmt.Println("6. A slow report: accepted, watched, found")
	state := func(d document) string { return d["status"].(string) }
	order := document{"month": "2027-03"}
	accepted := c.show("POST", link(root, "reports"), order, nil, nil)
	monitor := accepted.header.Get("Location")
	c.show("GET", monitor, nil, nil, state)
	runWorker()
	fmt.Println("         (the worker runs)")
	done := c.show("GET", monitor, nil, nil, state)
	c.show("GET", done.header.Get("Location"), nil, nil, func(d document) string {
		return fmt.Sprintf("%s: nights %v", d["month"], d["nights"])
	})
}

func main() {
	h := &hotel{}
	server := &http.Server{
		Handler:           h.routes(),
		ReadHeaderTimeout: timeout, ReadTimeout: timeout, WriteTimeout: timeout,
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		log.Fatal(err)
	}
	go func() {
		if err := server.Serve(listener); err != http.ErrServerClosed {
			log.Fatal(err)
		}
	}()
	tour(&client{"http://" + listener.Addr().String(), http.Client{
		Timeout: timeout,
		CheckRedirect: func(*http.Request, []*http.Request) error {
			return http.ErrUseLastResponse
		},
	}}, h.runWorker)
	if err := server.Close(); err != nil {
		log.Fatal(err)
	}
}

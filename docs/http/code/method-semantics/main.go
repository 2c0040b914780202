// Call every HTTP method twice and compare what the server stores.
package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log"
	"maps"
	"net"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
)

const (
	maxBody   = 64 << 10
	plainJSON = "application/json"
	mergeType = "application/merge-patch+json"
	patchType = "application/json-patch+json"
)

type note struct {
	Tags  []string `json:"tags"`
	Title *string  `json:"title"`
}

// refusal is an error answer: the status says why.
type refusal int

func (r refusal) Error() string { return http.StatusText(int(r)) }

type answer struct {
	status   int
	note     *note
	location string
}

// store holds the notes by id, and a log of every request.
type store struct {
	mu    sync.Mutex
	notes map[int]note
	log   []string
}

func (s *store) reset() {
	s.mu.Lock()
	defer s.mu.Unlock()
	title := "Tea"
	s.notes = map[int]note{1: {Tags: []string{"hot"}, Title: &title}}
}

func (s *store) logged() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.log)
}

func (s *store) snapshot() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	var parts []string
	for _, key := range slices.Sorted(maps.Keys(s.notes)) {
		tags := strings.Join(s.notes[key].Tags, ",")
		parts = append(parts, fmt.Sprintf("%d=%s[%s]", key, *s.notes[key].Title, tags))
	}
	return strings.Join(parts, " ")
}

// --8<-- [start:merge]

// mergePatch is the whole of RFC 7396.
func mergePatch(target, patch any) any {
	changes, ok := patch.(map[string]any)
	if !ok {
		return patch
	}
	result := map[string]any{}
	if object, ok := target.(map[string]any); ok {
		maps.Copy(result, object)
	}
	for key, value := range changes {
		if value == nil {
			delete(result, key)
		} else {
			result[key] = mergePatch(result[key], value)
		}
	}
	return result
}

// --8<-- [end:merge]
// --8<-- [start:show]

// get also answers HEAD: net/http leaves the body out.
func (s *store) get(key int, _ *http.Request) (answer, error) {
	found, err := s.find(key)
	return answer{status: http.StatusOK, note: &found}, err
}

// post lets the collection choose the new URI.
func (s *store) post(_ int, r *http.Request) (answer, error) {
	var created note
	if err := decode(r, plainJSON, &created); err != nil {
		return answer{}, err
	}
	key := 1 + slices.Max(append(slices.Collect(maps.Keys(s.notes)), 0))
	s.notes[key] = created
	return answer{http.StatusCreated, &created, fmt.Sprintf("/notes/%d", key)}, nil
}

// put trusts the URI the client chose: create or replace.
func (s *store) put(key int, r *http.Request) (answer, error) {
	var replacement note
	if err := decode(r, plainJSON, &replacement); err != nil {
		return answer{}, err
	}
	_, exists := s.notes[key]
	s.notes[key] = replacement
	if !exists {
		return answer{status: http.StatusCreated}, nil
	}
	return answer{status: http.StatusNoContent}, nil
}

// patch lets the media type say what the content means.
func (s *store) patch(key int, r *http.Request) (answer, error) {
	changed, err := s.find(key)
	if err == nil && r.Header.Get("Content-Type") == mergeType {
		err = merge(&changed, r)
	} else if err == nil {
		err = appendTag(&changed, r)
	}
	if err != nil {
		return answer{}, err
	}
	s.notes[key] = changed
	return answer{status: http.StatusOK, note: &changed}, nil
}

// delete answers 404 when it is already gone: same state, other answer.
func (s *store) delete(key int, _ *http.Request) (answer, error) {
	_, err := s.find(key)
	delete(s.notes, key)
	return answer{status: http.StatusNoContent}, err
}

// --8<-- [end:show]

func (s *store) find(key int) (note, error) {
	found, ok := s.notes[key]
	if !ok {
		return note{}, refusal(http.StatusNotFound)
	}
	return found, nil
}

// merge runs the patch on the JSON form of the note, then checks the result.
func merge(target *note, r *http.Request) error {
	var patch, document any
	if err := decode(r, mergeType, &patch); err != nil {
		return err
	}
	before, err := json.Marshal(target)
	if err != nil {
		return err
	}
	if err := json.Unmarshal(before, &document); err != nil {
		return err
	}
	after, err := json.Marshal(mergePatch(document, patch))
	if err != nil {
		return err
	}
	return strictNote(bytes.NewReader(after), target)
}

// appendTag is the one JSON Patch this server knows (RFC 6902, section 4.1).
func appendTag(target *note, r *http.Request) error {
	var operations []struct {
		Op    string `json:"op"`
		Path  string `json:"path"`
		Value string `json:"value"`
	}
	if err := decode(r, patchType, &operations); err != nil {
		return err
	}
	if len(operations) != 1 || operations[0].Op != "add" || operations[0].Path != "/tags/-" {
		return refusal(http.StatusUnprocessableEntity)
	}
	target.Tags = append(slices.Clone(target.Tags), operations[0].Value)
	return nil
}

// decode reads one JSON document of the given media type, and nothing after it.
func decode(r *http.Request, mediaType string, target any) error {
	if r.Header.Get("Content-Type") != mediaType {
		return refusal(http.StatusUnsupportedMediaType)
	}
	content, err := io.ReadAll(r.Body)
	if tooLarge := new(http.MaxBytesError); errors.As(err, &tooLarge) {
		return refusal(http.StatusRequestEntityTooLarge)
	}
	if err != nil || !json.Valid(content) {
		return refusal(http.StatusBadRequest)
	}
	if asNote, ok := target.(*note); ok {
		return strictNote(bytes.NewReader(content), asNote)
	}
	if err := json.Unmarshal(content, target); err != nil {
		return refusal(http.StatusUnprocessableEntity)
	}
	return nil
}

func strictNote(content io.Reader, target *note) error {
	var checked note
	decoder := json.NewDecoder(content)
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&checked); err != nil {
		return refusal(http.StatusUnprocessableEntity)
	}
	if checked.Tags == nil || checked.Title == nil {
		return refusal(http.StatusUnprocessableEntity)
	}
	*target = checked
	return nil
}

// handle locks the store, logs the request, runs the operation, writes its answer.
func (s *store) handle(operation func(int, *http.Request) (answer, error)) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.log = append(s.log, r.Method)
		r.Body = http.MaxBytesReader(w, r.Body, maxBody)

		key := 0
		if id := r.PathValue("id"); id != "" {
			parsed, err := strconv.ParseUint(id, 10, 31)
			if err != nil {
				w.WriteHeader(http.StatusNotFound)
				return
			}
			key = int(parsed)
		}
		result, err := operation(key, r)
		if err != nil {
			var refused refusal
			if !errors.As(err, &refused) {
				refused = http.StatusInternalServerError
			}
			w.WriteHeader(int(refused))
			return
		}
		write(w, result)
	})
}

func write(w http.ResponseWriter, result answer) {
	if result.location != "" {
		w.Header().Set("Location", result.location)
	}
	if result.note == nil {
		w.WriteHeader(result.status)
		return
	}
	body, err := json.Marshal(result.note)
	if err != nil {
		w.WriteHeader(http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", plainJSON)
	w.Header().Set("Content-Length", strconv.Itoa(len(body)))
	w.WriteHeader(result.status)
	if _, err := w.Write(body); err != nil {
		log.Print(err)
	}
}

// call sends one request; it returns status, Content-Length and bytes received.
func call(base string, row request) (int, int64, int, error) {
	var content io.Reader
	if row.content != "" {
		content = strings.NewReader(row.content)
	}
	r, err := http.NewRequest(row.method, base+row.path, content)
	if err != nil {
		return 0, 0, 0, err
	}
	if row.content != "" {
		r.Header.Set("Content-Type", row.mediaType)
	}
	client := http.Client{Timeout: 5 * time.Second}
	response, err := client.Do(r)
	if err != nil {
		return 0, 0, 0, err
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	return response.StatusCode, response.ContentLength, len(body), err
}

type request struct{ label, method, path, mediaType, content string }

const (
	soup  = `{"tags": [], "title": "Soup"}`
	mint  = `{"title": "Mint"}`
	added = `[{"op": "add", "path": "/tags/-", "value": "new"}]`
)

var rows = []request{
	{"GET /notes/1", "GET", "/notes/1", "", ""},
	{"HEAD /notes/1", "HEAD", "/notes/1", "", ""},
	{"POST /notes", "POST", "/notes", plainJSON, soup},
	{"PUT /notes/1 (replace)", "PUT", "/notes/1", plainJSON, soup},
	{"PUT /notes/2 (create)", "PUT", "/notes/2", plainJSON, soup},
	{"PATCH /notes/1 (merge)", "PATCH", "/notes/1", mergeType, mint},
	{"PATCH /notes/1 (append)", "PATCH", "/notes/1", patchType, added},
	{"DELETE /notes/1", "DELETE", "/notes/1", "", ""},
}

func yesNo(condition bool) string {
	if condition {
		return "yes"
	}
	return "no"
}

func orEmpty(state string) string {
	if state == "" {
		return "(empty)"
	}
	return state
}

func experiment(base string, s *store) error {
	var verdicts []string
	sizes := map[string]string{}
	fmt.Printf("%-25scall  status  state afterwards\n", "request")
	for _, row := range rows {
		s.reset()
		before := s.snapshot()
		first, announced, received, err := call(base, row)
		if err != nil {
			return err
		}
		once := s.snapshot()
		second, _, _, err := call(base, row)
		if err != nil {
			return err
		}
		twice := s.snapshot()
		sizes[row.method] = fmt.Sprintf("%d bytes, sent %d", announced, received)
		fmt.Printf("%-25s1st   %d     %s\n", row.label, first, orEmpty(once))
		fmt.Printf("%-25s2nd   %d     %s\n", "", second, orEmpty(twice))
		remark := ""
		if first != second {
			remark = "same state, other answer"
		}
		verdict := fmt.Sprintf("%-25s%-6s%-12s%d %d  %s", row.label,
			yesNo(once == before), yesNo(twice == once), first, second, remark)
		verdicts = append(verdicts, strings.TrimRight(verdict, " "))
	}
	fmt.Printf("\n%-25ssafe  idempotent  answers\n", "request")
	fmt.Println(strings.Join(verdicts, "\n"))
	fmt.Printf("\nGET announced %s; HEAD announced %s.\n", sizes["GET"], sizes["HEAD"])
	fmt.Printf("Requests logged: %d. A log line does not make GET unsafe.\n", s.logged())
	return nil
}

func run() error {
	s := &store{}
	mux := http.NewServeMux()
	mux.Handle("POST /notes", s.handle(s.post))
	mux.Handle("GET /notes/{id}", s.handle(s.get))
	mux.Handle("PUT /notes/{id}", s.handle(s.put))
	mux.Handle("PATCH /notes/{id}", s.handle(s.patch))
	mux.Handle("DELETE /notes/{id}", s.handle(s.delete))

	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	server := &http.Server{Handler: mux, ReadTimeout: 5 * time.Second, WriteTimeout: 5 * time.Second}
	stopped := make(chan error, 1)
	go func() { stopped <- server.Serve(listener) }()

	err = experiment("http://"+listener.Addr().String(), s)
	err = errors.Join(err, server.Close())
	if serveErr := <-stopped; !errors.Is(serveErr, http.ErrServerClosed) {
		err = errors.Join(err, serveErr)
	}
	return err
}

func main() {
	if err := run(); err != nil {
		log.Fatal(err)
	}
}

// One function chooses the status code; a client prints what completes it.
package main

import (
	"encoding/json"
	"fmt"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"strings"
	"time"
)

const (
	jsonType  = "application/json"
	mergeType = "application/merge-patch+json"
)

var (
	keys    = map[string]string{"Bearer ada": "ada", "Bearer busy": "busy"}
	owners  = map[string]string{"/orders/42": "ada", "/orders/77": "ben"}
	methods = map[string]string{
		"/orders":       "GET, POST",
		"/orders/42":    "GET, PATCH",
		"/orders/77":    "GET, PATCH",
		"/carts/5":      "DELETE",
		"/reports":      "POST",
		"/prices":       "GET",
		"/v1/orders/42": "GET",
	}
	shown = []string{
		"WWW-Authenticate", "Location", "ETag", "Allow", "Accept", "Accept-Patch", "Retry-After",
	}
)

type request struct {
	method, path string
	headers      map[string]string
	body         string
}

type answer struct {
	status  int
	headers map[string]string
}

type order struct {
	Qty *int `json:"qty"`
}

func readable(body string) bool {
	var fields map[string]any
	return json.Unmarshal([]byte(body), &fields) == nil
}

func valid(body string) bool {
	var o order
	err := json.Unmarshal([]byte(body), &o)
	return err == nil && o.Qty != nil && *o.Qty > 0
}

// --8<-- [start:show]
func decide(r request) answer {
	// Is the caller known, and within limits?
	caller, known := keys[r.headers["Authorization"]]
	if !known {
		return answer{401, map[string]string{"WWW-Authenticate": `Bearer realm="orders"`}}
	}
	if caller == "busy" {
		return answer{429, map[string]string{"Retry-After": "30"}}
	}
	// Does the target exist for this caller, and take this method?
	allowed, exists := methods[r.path]
	if owner, owned := owners[r.path]; !exists || owned && owner != caller {
		return answer{404, nil}
	}
	if !slices.Contains(strings.Split(allowed, ", "), r.method) {
		return answer{405, map[string]string{"Allow": allowed}}
	}
	// Can the body be read?
	if r.body != "" {
		wanted, name := jsonType, "Accept"
		if r.method == http.MethodPatch {
			wanted, name = mergeType, "Accept-Patch"
		}
		if r.headers["Content-Type"] != wanted {
			return answer{415, map[string]string{name: wanted}}
		}
		if !readable(r.body) {
			return answer{400, nil}
		}
	}
	// Do state and rules agree?
	version, named := r.headers["If-Match"]
	switch {
	case r.method == http.MethodPatch && !named:
		return answer{428, nil}
	case r.method == http.MethodPatch && version != `"v7"`:
		return answer{412, nil}
	case r.body != "" && !valid(r.body):
		return answer{422, nil}
	}
	return act(r)
}

func act(r request) answer {
	switch r.method + " " + r.path {
	case "GET /prices":
		return answer{503, map[string]string{"Retry-After": "120"}}
	case "GET /v1/orders/42":
		return answer{308, map[string]string{"Location": "/orders/42"}}
	case "POST /orders":
		return answer{201, map[string]string{"Location": "/orders/43", "ETag": `"v1"`}}
	case "POST /reports":
		return answer{202, map[string]string{"Location": "/reports/1"}}
	case "PATCH /orders/42":
		return answer{200, map[string]string{"ETag": `"v8"`}}
	case "DELETE /carts/5":
		return answer{204, nil}
	}
	if r.headers["If-None-Match"] == `"v7"` {
		return answer{304, map[string]string{"ETag": `"v7"`}}
	}
	return answer{200, map[string]string{"ETag": `"v7"`}}
}

// --8<-- [end:show]

func serve(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, 1<<16))
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	headers := map[string]string{}
	for name := range r.Header {
		headers[name] = r.Header.Get(name)
	}
	a := decide(request{r.Method, r.URL.Path, headers, string(body)})
	for name, value := range a.headers {
		w.Header().Set(name, value)
	}
	if a.status == http.StatusNoContent || a.status == http.StatusNotModified {
		w.WriteHeader(a.status)
		return
	}
	content := fmt.Sprintf(`{"status": %d}`, a.status)
	w.Header().Set("Content-Type", jsonType)
	w.Header().Set("Content-Length", strconv.Itoa(len(content)))
	w.WriteHeader(a.status)
	if _, err := io.WriteString(w, content); err != nil {
		log.Print(err)
	}
}

func with(pairs ...string) map[string]string {
	headers := map[string]string{"Authorization": "Bearer ada"}
	for i := 0; i < len(pairs); i += 2 {
		headers[pairs[i]] = pairs[i+1]
	}
	return headers
}

type row struct {
	title string
	request
}

var rows = []row{
	{"no token", request{"GET", "/orders/42", nil, ""}},
	{"no token, no such order", request{"GET", "/orders/999", nil, ""}},
	{"too many requests", request{"GET", "/orders", with("Authorization", "Bearer busy"), ""}},
	{"another customer's order", request{"GET", "/orders/77", with(), ""}},
	{"wrong method", request{"DELETE", "/orders/42", with(), ""}},
	{"read", request{"GET", "/orders/42", with(), ""}},
	{"unchanged", request{"GET", "/orders/42", with("If-None-Match", `"v7"`), ""}},
	{"create as text", request{"POST", "/orders", with("Content-Type", "text/plain"), "2"}},
	{"create, broken JSON", request{"POST", "/orders", with("Content-Type", jsonType), `{"qty":`}},
	{"create, quantity 0", request{"POST", "/orders", with("Content-Type", jsonType), `{"qty":0}`}},
	{"create", request{"POST", "/orders", with("Content-Type", jsonType), `{"qty":2}`}},
	{"change as plain JSON", request{"PATCH", "/orders/42", with("Content-Type", jsonType), `{"qty":3}`}},
	{"change, no version", request{"PATCH", "/orders/42", with("Content-Type", mergeType), `{"qty":3}`}},
	{"change, stale and invalid", request{
		"PATCH", "/orders/42", with("Content-Type", mergeType, "If-Match", `"v6"`), `{"qty":0}`,
	}},
	{"change, invalid", request{
		"PATCH", "/orders/42", with("Content-Type", mergeType, "If-Match", `"v7"`), `{"qty":0}`,
	}},
	{"change", request{
		"PATCH", "/orders/42", with("Content-Type", mergeType, "If-Match", `"v7"`), `{"qty":3}`,
	}},
	{"delete", request{"DELETE", "/carts/5", with(), ""}},
	{"start a report", request{"POST", "/reports", with(), ""}},
	{"moved for good", request{"GET", "/v1/orders/42", with(), ""}},
	{"maintenance", request{"GET", "/prices", with(), ""}},
}

type received struct {
	status  int
	headers http.Header
	body    string
}

func call(client *http.Client, base string, r request) (received, error) {
	req, err := http.NewRequest(r.method, base+r.path, strings.NewReader(r.body))
	if err != nil {
		return received{}, err
	}
	for name, value := range r.headers {
		req.Header.Set(name, value)
	}
	res, err := client.Do(req)
	if err != nil {
		return received{}, err
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	return received{res.StatusCode, res.Header, string(body)}, err
}

func yesNo(ok bool) string {
	if ok {
		return "yes"
	}
	return "no"
}

func every(answers []received, status int, name string) string {
	seen, having := 0, 0
	for _, a := range answers {
		if a.status == status {
			seen++
			if a.headers.Get(name) != "" {
				having++
			}
		}
	}
	return yesNo(seen > 0 && seen == having)
}

func main() {
	server := httptest.NewServer(http.HandlerFunc(serve))
	defer server.Close()
	client := &http.Client{
		Timeout: 5 * time.Second,
		CheckRedirect: func(*http.Request, []*http.Request) error {
			return http.ErrUseLastResponse
		},
	}
	var answers []received
	empty := true
	for _, row := range rows {
		a, err := call(client, server.URL, row.request)
		if err != nil {
			log.Fatal(err)
		}
		answers = append(answers, a)
		if a.status == http.StatusNoContent || a.status == http.StatusNotModified {
			empty = empty && a.body == "" && a.headers.Get("Content-Length") == ""
		}
		var said []string
		for _, name := range shown {
			if value := a.headers.Get(name); value != "" {
				said = append(said, name+": "+value)
			}
		}
		line := fmt.Sprintf("%-26s%-7s%d  %s", row.title, row.method, a.status, strings.Join(said, ", "))
		fmt.Println(strings.TrimRight(line, " "))
	}
	fmt.Println()
	fmt.Println("every 401 has WWW-Authenticate:", every(answers, 401, "WWW-Authenticate"))
	fmt.Println("every 405 has Allow:", every(answers, 405, "Allow"))
	fmt.Println("every 304 has the ETag of its 200:", every(answers, 304, "ETag"))
	fmt.Println("204 and 304 have no body and no length:", yesNo(empty))
}

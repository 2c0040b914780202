// Serve one order in two versions, by path or by Accept, and compare schemas.
package main

import (
	"cmp"
	"encoding/json"
	"fmt"
	"io"
	"log"
	"maps"
	"net/http"
	"net/http/httptest"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Order is what is stored, in no version.
type Order struct {
	ID, Cents int
	Currency  string
}

type orderV1 struct {
	ID    int     `json:"id"`
	Total float64 `json:"total"`
}

type money struct {
	Amount   string `json:"amount"`
	Currency string `json:"currency"`
}

type orderV2 struct {
	ID    string `json:"id"`
	Total money  `json:"total"`
}

func version1(o Order) any { return orderV1{o.ID, float64(o.Cents) / 100} }

func version2(o Order) any {
	amount := fmt.Sprintf("%d.%02d", o.Cents/100, o.Cents%100)
	return orderV2{strconv.Itoa(o.ID), money{amount, o.Currency}}
}

// Field is one member of a schema.
type Field struct {
	Type     string
	Required bool
	Values   []string
}

// Schema maps names to fields.
type Schema map[string]Field

const docs = "https://docs.shop.test"

var (
	orders     = map[string]Order{"42": {42, 1990, "EUR"}}
	render     = map[string]func(Order) any{"v1": version1, "v2": version2}
	mediaRange = regexp.MustCompile(`^\s*([^\s;]+/[^\s;]+)\s*(?:;\s*q=([01](?:\.[0-9]{0,3})?))?\s*$`)
)

// acceptable chooses the offer that the client likes best (RFC 9110, 12.5.1).
func acceptable(accept string, offers []string) string {
	best, bestQuality := "", 0.0
	for _, offer := range offers {
		specific, quality := -1, 0.0
		kind, _, _ := strings.Cut(offer, "/")
		ranges := []string{"*/*", kind + "/*", offer}
		for item := range strings.SplitSeq(strings.ToLower(accept), ",") {
			found := mediaRange.FindStringSubmatch(item)
			if found == nil { // other parameters: none of ours
				continue
			}
			if at := slices.Index(ranges, found[1]); at > specific {
				specific, quality = at, 1
				if found[2] != "" {
					quality, _ = strconv.ParseFloat(found[2], 64) // the pattern saw to it
				}
			}
		}
		if quality > bestQuality {
			best, bestQuality = offer, quality
		}
	}
	return best
}

// --8<-- [start:show]

var (
	deprecated = time.Date(2026, 6, 1, 0, 0, 0, 0, time.UTC)
	sunset     = time.Date(2027, 6, 1, 0, 0, 0, 0, time.UTC)
	goodbye    = http.Header{
		"Deprecation": {fmt.Sprintf("@%d", deprecated.Unix())}, // RFC 9745
		"Sunset":      {sunset.Format(http.TimeFormat)},        // RFC 8594
		"Link":        {fmt.Sprintf(`<%s/v2>; rel="deprecation", <%[1]s/policy>; rel="sunset"`, docs)},
	}
)

// handler answers /v1/orders/42 in that version, /orders/42 in the accepted one.
func handler(now func() time.Time) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		byPath := r.PathValue("version")
		order, found := orders[r.PathValue("id")]
		if !found || byPath != "" && render[byPath] == nil {
			http.Error(w, "no such order", http.StatusNotFound)
			return
		}
		live := []string{"v1", "v2"} // the first is the default
		if !now().Before(sunset) {
			live = live[1:]
		}
		if byPath != "" {
			if !slices.Contains(live, byPath) {
				http.Error(w, "see "+docs+"/v2", http.StatusGone)
				return
			}
			live = []string{byPath}
		}

		offers, types := offersOf(live)  // media types, and the version behind each
		w.Header().Set("Vary", "Accept") // on every answer, the 406 too
		chosen := acceptable(cmp.Or(r.Header.Get("Accept"), "*/*"), offers)
		if chosen == "" {
			http.Error(w, "send one of "+strings.Join(offers, ", "), http.StatusNotAcceptable)
			return
		}
		w.Header().Set("Content-Type", chosen)
		if types[chosen] == "v1" {
			maps.Copy(w.Header(), goodbye)
		}
		if err := json.NewEncoder(w).Encode(render[types[chosen]](order)); err != nil {
			log.Print(err) // the status is sent; the client sees a cut body
		}
	}
}

// --8<-- [end:show]

// offersOf lists the media types of live versions; plain JSON is the first of them.
func offersOf(live []string) (offers []string, types map[string]string) {
	offers = []string{"application/json"}
	types = map[string]string{"application/json": live[0]}
	for _, version := range live {
		name := "application/vnd.shop.order." + version + "+json"
		offers, types[name] = append(offers, name), version
	}
	return offers, types
}

// breaking names what a client written for old does not survive.
func breaking(old, next Schema, isRequest bool) (found []string) {
	missing, strange := "optional", "unknown"
	if isRequest {
		missing, strange = "demanded", "refused"
	}
	names := maps.Clone(old)
	maps.Copy(names, next)
	for _, name := range slices.Sorted(maps.Keys(names)) {
		before, was := old[name]
		after, is := next[name]
		if !was || !is {
			if was {
				found = append(found, name+" removed")
			} else if after.Required && isRequest {
				found = append(found, name+" demanded")
			}
			continue
		}
		if before.Type != after.Type {
			found = append(found, name+" is "+after.Type)
		}
		if before.Required != after.Required && after.Required == isRequest {
			found = append(found, name+" "+missing)
		}
		known, possible := before, after
		if isRequest {
			known, possible = after, before
		}
		for _, value := range possible.Values {
			if !slices.Contains(known.Values, value) {
				found = append(found, name+"="+value+" "+strange)
			}
		}
	}
	return found
}

const (
	v1 = "application/vnd.shop.order.v1+json"
	v2 = "application/vnd.shop.order.v2+json"
)

func main() {
	var now time.Time
	mux := http.NewServeMux()
	serve := handler(func() time.Time { return now })
	mux.HandleFunc("GET /orders/{id}", serve)
	mux.HandleFunc("GET /{version}/orders/{id}", serve)
	get := func(path, accept string) (*http.Response, string) {
		request := httptest.NewRequest(http.MethodGet, path, nil)
		request.Header.Set("Accept", accept)
		recorder := httptest.NewRecorder()
		mux.ServeHTTP(recorder, request)
		answer := recorder.Result()
		body, err := io.ReadAll(answer.Body)
		if err != nil {
			log.Fatal(err)
		}
		return answer, strings.TrimSpace(string(body))
	}

	today := time.Date(2026, 11, 21, 0, 0, 0, 0, time.UTC)
	now = today
	bodies := map[string]string{}
	for _, version := range []string{"v1", "v2"} {
		_, body := get("/"+version+"/orders/42", "*/*")
		bodies[body] = version
		fmt.Println(version, body)
	}
	for _, name := range []string{"Deprecation", "Sunset"} {
		fmt.Printf("   %s: %s\n", name, goodbye.Get(name))
	}
	cases := []struct {
		path, accept string
		now          time.Time
	}{
		{"/orders/42", "*/*", today},
		{"/orders/42", v2, today},
		{"/orders/42", v1 + ";q=0.5, " + v2, today},
		{"/orders/42", "application/json;version=2", today},
		{"/v1/orders/42", "application/json", today},
		{"/v2/orders/42", "application/json", today},
		{"/v2/orders/42", v1, today},
		{"/v1/orders/42", "*/*", sunset},
		{"/orders/42", v1, sunset},
		{"/orders/42", "*/*", sunset},
	}
	now = time.Time{}
	for _, c := range cases {
		if !c.now.Equal(now) {
			now = c.now
			fmt.Println(now.Format(time.DateOnly))
		}
		answer, body := get(c.path, c.accept)
		short := strings.ReplaceAll(c.accept, "application/vnd.shop.order", "vnd")
		until := ""
		if answer.Header.Get("Sunset") != "" {
			until = " until sunset"
		}
		line := fmt.Sprintf("  %-15s%-32s%d %s%s", c.path, short, answer.StatusCode, bodies[body], until)
		fmt.Println(strings.TrimRight(line, " "))
	}

	status := Field{"string", true, []string{"open", "paid"}}
	first := Schema{"id": {Type: "number", Required: true}, "total": {Type: "number", Required: true}, "status": status}
	with := func(name string, field Field) Schema {
		grown := maps.Clone(first)
		grown[name] = field
		return grown
	}
	held := with("status", Field{"string", true, []string{"open", "paid", "held"}})
	second := Schema{
		"id":      {Type: "string", Required: true},
		"total":   {Type: "object", Required: true},
		"status":  {Type: "string", Values: []string{"open", "paid"}},
		"channel": {Type: "string", Required: true},
	}
	changes := []struct {
		label     string
		old, next Schema
	}{
		{"new optional", first, with("coupon", Field{Type: "string"})},
		{"new value", first, held},
		{"value removed", held, first},
		{"version 2", first, second},
	}
	fmt.Println("what breaks")
	for _, c := range changes {
		for _, isRequest := range []bool{false, true} {
			side := map[bool]string{false: "responses", true: "requests"}[isRequest]
			found := strings.Join(breaking(c.old, c.next, isRequest), ", ")
			if found == "" {
				found = "-"
			}
			fmt.Printf("  %-14s%-10s%s\n", c.label, side, found)
		}
	}
}

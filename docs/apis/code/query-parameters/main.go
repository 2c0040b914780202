// List users by query string: operators slip in, a list of words keeps them out.
package main

import (
	"encoding/json"
	"fmt"
	"log"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

var users = []map[string]string{
	{"id": "1", "name": "ana", "status": "active", "reset_code": "s7"},
	{"id": "2", "name": "ben", "status": "blocked", "reset_code": "c2"},
	{"id": "3", "name": "cy", "status": "active", "reset_code": "a4"},
	{"id": "4", "name": "dee", "status": "active", "reset_code": "k9"},
}

var brackets = regexp.MustCompile(`^(\w+)\[([^]]+)]$`)

// BadRequest is what the caller reads in a 400.
type BadRequest string

func (b BadRequest) Error() string { return string(b) }

// nested reads a[b]=c as {"a": {"b": "c"}}, as qs does for Express 4.
func nested(query string) (map[string]any, error) {
	given, err := url.ParseQuery(query)
	found := map[string]any{}
	for name, values := range given {
		if parts := brackets.FindStringSubmatch(name); parts != nil {
			found[parts[1]] = map[string]string{parts[2]: values[0]}
		} else {
			found[name] = values[0]
		}
	}
	return found, err
}

// matches compares as a document database does: an object holds operators.
func matches(value string, wanted any) bool {
	switch wanted := wanted.(type) {
	case string:
		return value == wanted
	case map[string]string:
		for operator, operand := range wanted {
			if operator == "$ne" && value == operand || operator == "$gte" && value < operand {
				return false
			}
		}
	}
	return true
}

// naive filters and sorts by whatever was sent.
func naive(given map[string]any) string {
	found := []map[string]string{}
	for _, user := range users {
		if matches(user["status"], given["status"]) {
			found = append(found, user)
		}
	}
	field, sorted := given["sort"].(string)
	if sorted {
		slices.SortFunc(found, func(a, b map[string]string) int {
			return strings.Compare(a[field], b[field])
		})
	}
	ids := []string{}
	for _, user := range found {
		ids = append(ids, user["id"])
	}
	return strings.Join(ids, " ")
}

// --8<-- [start:show]

var (
	known    = []string{"status", "q", "sort", "limit"}
	statuses = []string{"active", "blocked"}
	sorts    = map[string]string{ // word in the URL, text in the SQL
		"name":    "name ASC, id ASC",
		"-name":   "name DESC, id DESC",
		"joined":  "created_at ASC, id ASC",
		"-joined": "created_at DESC, id DESC",
	}
)

// listing checks every word against a list and binds every value.
func listing(tenant int, query string) (sql string, values []any, err error) {
	given, err := url.ParseQuery(query)
	if err != nil {
		return "", nil, BadRequest("malformed query")
	}
	for name, sent := range given {
		if !slices.Contains(known, name) {
			return "", nil, BadRequest("unknown parameter " + name)
		}
		if len(sent) > 1 {
			return "", nil, BadRequest(name + " is given twice")
		}
	}

	values = []any{tenant} // from the session, never from the URL
	where := "tenant_id = $1"
	if given.Has("status") {
		if !slices.Contains(statuses, given.Get("status")) {
			return "", nil, BadRequest("status is active or blocked")
		}
		values = append(values, given.Get("status"))
		where += fmt.Sprintf(" AND status = $%d", len(values))
	}
	if given.Has("q") {
		pattern, err := likePattern(given.Get("q"))
		if err != nil {
			return "", nil, err
		}
		values = append(values, pattern)
		where += fmt.Sprintf(" AND name ILIKE $%d", len(values))
	}
	order, sortable := sorts[valueOr(given, "sort", "name")]
	if !sortable {
		return "", nil, BadRequest("sort is [-]name or [-]joined")
	}
	limit, err := parseLimit(valueOr(given, "limit", "20"))
	if err != nil {
		return "", nil, err
	}
	values = append(values, limit+1)
	return fmt.Sprintf("%s ORDER BY %s LIMIT $%d", where, order, len(values)), values, nil
}

// --8<-- [end:show]

const maxLimit = 100

var (
	digits = regexp.MustCompile(`^[0-9]{1,4}$`)
	escape = strings.NewReplacer(`\`, `\\`, `%`, `\%`, `_`, `\_`)
)

func likePattern(q string) (string, error) {
	if count := len([]rune(q)); count < 2 || count > 50 {
		return "", BadRequest("q is 2 to 50 characters")
	}
	return "%" + escape.Replace(q) + "%", nil
}

func parseLimit(text string) (int, error) {
	limit, err := strconv.Atoi(text)
	if err != nil || !digits.MatchString(text) || limit < 1 || limit > maxLimit {
		return 0, BadRequest(fmt.Sprintf("limit is 1 to %d", maxLimit))
	}
	return limit, nil
}

func valueOr(given url.Values, name, fallback string) string {
	if given.Has(name) {
		return given.Get(name)
	}
	return fallback
}

const tenant = 7

var (
	harmless = []string{"status=active", "status=active&q=50%25&sort=-joined&limit=2"}
	attacks  = []string{
		"status[$ne]=none",
		"sort=reset_code",
		"status=active&status=blocked",
		"role=admin",
		"tenant_id=8",
		"q=%25",
		"limit=1000000",
		"sort=name,password",
	}
)

func run() error {
	fmt.Println("nested parser, any field")
	for _, query := range append([]string{harmless[0]}, attacks[:2]...) {
		given, err := nested(query)
		if err != nil {
			return err
		}
		filters, err := json.Marshal(given)
		if err != nil {
			return err
		}
		fmt.Printf("  %-19s%-30susers %s\n", query, filters, naive(given))
	}
	fmt.Println("known words only")
	for _, query := range harmless {
		sql, values, err := listing(tenant, query)
		if err != nil {
			return err
		}
		fmt.Println("  " + query)
		fmt.Println("    " + strings.Replace(sql, " ORDER", "\n    ORDER", 1))
		texts := []string{}
		for _, value := range values {
			texts = append(texts, fmt.Sprint(value))
		}
		fmt.Println("    " + strings.Join(texts, ", "))
	}
	for _, query := range attacks {
		outcome := "accepted"
		if _, _, err := listing(tenant, query); err != nil {
			outcome = "400 " + err.Error()
		}
		fmt.Printf("  %-30s%s\n", query, outcome)
	}
	return nil
}

func main() {
	if err := run(); err != nil {
		log.Fatal(err)
	}
}

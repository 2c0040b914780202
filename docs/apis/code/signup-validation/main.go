// Check one sign-up payload layer by layer, and try to become admin with it.
package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log"
	"maps"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

const (
	maxBytes = 16 * 1024
	maxDepth = 8
)

var reserved = []string{"admin", "root", "support"}

// refusedError stops before the schema: the bytes are not a usable document.
type refusedError struct {
	status int
	reason string
}

func (e *refusedError) Error() string { return e.reason }

// handleRule allows one script, which keeps look-alikes out; which one is a
// product decision.
func handleRule(name string) string {
	for _, r := range name {
		if !unicode.Is(unicode.Latin, r) && !strings.ContainsRune("0123456789_", r) {
			return "only Latin letters, digits and _"
		}
	}
	if slices.Contains(reserved, name) {
		return "is reserved"
	}
	return ""
}

// emailRule checks the shape only: whether the address exists is found out by
// writing to it.
func emailRule(address string) string {
	at := strings.LastIndexByte(address, '@')
	domain := address[at+1:]
	bad := at < 1 || strings.ContainsFunc(address, unicode.IsControl) ||
		strings.ContainsFunc(domain, unicode.IsSpace) ||
		slices.Contains(strings.Split(domain, "."), "")
	if bad {
		return "must look like name@domain"
	}
	return ""
}

// fold stands in for norm.NFKC of golang.org/x/text, which is not in the
// standard library; it knows the few characters of this program.
func fold(name string) string {
	full := strings.Map(func(r rune) rune {
		if r >= '\uff01' && r <= '\uff5e' {
			return r - 0xfee0
		}
		return r
	}, name)
	return strings.ToLower(strings.ReplaceAll(full, "e\u0308", "\u00eb"))
}

// field is one rule of the schema.
type field struct {
	name      string
	kind      string // a key of nouns
	low, high int64  // characters of a string, value of an integer
	fallback  any    // nil: required
	clean     func(string) string
	rule      func(string) string
}

// --8<-- [start:show]
var schema = []field{
	{name: "user_name", kind: "string", low: 3, high: 20, clean: fold, rule: handleRule},
	{name: "email", kind: "string", low: 3, high: 254, rule: emailRule},
	{name: "age", kind: "integer", low: 16, high: 130},
	{name: "newsletter", kind: "boolean"},
	{name: "invites", kind: "integer", low: 0, high: 5, fallback: int64(0)},
	{name: "bio", kind: "string", low: 0, high: 160, fallback: ""},
}

func validate(payload map[string]any) (map[string]any, []string) {
	values, errs := map[string]any{}, []string{}
	for _, f := range schema {
		value, present := payload[f.name]
		if !present { // absent, which is not the same as falsy
			if f.fallback == nil {
				errs = append(errs, f.name+": is required")
			}
			values[f.name] = f.fallback
			continue
		}
		value, message := f.check(value)
		if message != "" {
			errs = append(errs, f.name+": "+message)
		}
		values[f.name] = value
	}
	for _, name := range slices.Sorted(maps.Keys(payload)) {
		if _, known := values[name]; !known {
			errs = append(errs, name+": unknown field")
		}
	}
	return values, errs
}

func (f field) check(value any) (any, string) {
	switch v := value.(type) {
	case string:
		if f.kind == "string" {
			return f.checkString(v)
		}
	case json.Number: // keeps 36 and 36.5 apart, which float64 does not
		if n, err := v.Int64(); err == nil && f.kind == "integer" {
			if n < f.low || n > f.high {
				return n, fmt.Sprintf("must be %d to %d", f.low, f.high)
			}
			return n, ""
		}
	case bool:
		if f.kind == "boolean" {
			return v, ""
		}
	}
	return nil, "must be " + nouns[f.kind]
}

// --8<-- [end:show]

var nouns = map[string]string{
	"string": "a string", "integer": "an integer", "boolean": "true or false",
}

func (f field) checkString(text string) (any, string) {
	if f.clean != nil {
		text = f.clean(text) // normalize first, then check
	}
	if n := int64(utf8.RuneCountInString(text)); n < f.low || n > f.high {
		return text, fmt.Sprintf("must have %d to %d characters", f.low, f.high)
	}
	if f.rule != nil {
		return text, f.rule(text)
	}
	return text, ""
}

// tooDeep counts brackets outside strings, before a parser recurses into them.
func tooDeep(text []byte) bool {
	depth, quoted, escaped := 0, false, false
	for _, letter := range text {
		switch {
		case escaped:
			escaped = false
		case quoted && letter == '\\':
			escaped = true
		case letter == '"':
			quoted = !quoted
		case !quoted && (letter == '[' || letter == '{'):
			if depth++; depth > maxDepth {
				return true
			}
		case !quoted && (letter == ']' || letter == '}'):
			depth--
		}
	}
	return false
}

func parse(stream io.Reader) (map[string]any, error) {
	// In a server http.MaxBytesReader does this and closes the connection.
	body, err := io.ReadAll(io.LimitReader(stream, maxBytes+1))
	if err != nil {
		return nil, err
	}
	if len(body) > maxBytes {
		return nil, &refusedError{413, fmt.Sprintf("more than %d bytes", maxBytes)}
	}
	if tooDeep(body) {
		return nil, &refusedError{400, fmt.Sprintf("nested deeper than %d", maxDepth)}
	}
	if !utf8.Valid(body) || !json.Valid(body) { // Valid also refuses trailing data
		return nil, &refusedError{400, "not JSON"}
	}
	decoder := json.NewDecoder(bytes.NewReader(body))
	decoder.UseNumber()
	var payload map[string]any
	if err := decoder.Decode(&payload); err != nil || payload == nil {
		return nil, &refusedError{400, "not an object"}
	}
	return payload, nil
}

// User is the row in the database: more than a visitor may set.
type User struct {
	UserName   string `json:"user_name"`
	Email      string `json:"email"`
	Age        int64  `json:"age"`
	Newsletter bool   `json:"newsletter"`
	Invites    int64  `json:"invites"`
	Bio        string `json:"bio"`
	Role       string `json:"role"`
}

// SignUp is what a visitor may set; compare with User.
type SignUp struct {
	UserName   string `json:"user_name"`
	Email      string `json:"email"`
	Age        int64  `json:"age"`
	Newsletter bool   `json:"newsletter"`
	Invites    int64  `json:"invites"`
	Bio        string `json:"bio"`
}

type shop struct {
	users map[string]User
	last  string
}

func newShop() *shop { return &shop{users: map[string]User{}} }

func (s *shop) signUp(body []byte) (int, string) {
	payload, err := parse(bytes.NewReader(body))
	if err != nil {
		var refused *refusedError
		if errors.As(err, &refused) {
			return refused.status, refused.reason
		}
		return 500, "internal error"
	}
	values, errs := validate(payload)
	if len(errs) > 0 {
		return 422, strings.Join(errs, "; ")
	}
	user := User{Role: "member"} // only the fields of the schema
	user.UserName, _ = values["user_name"].(string)
	user.Email, _ = values["email"].(string)
	user.Age, _ = values["age"].(int64)
	user.Newsletter, _ = values["newsletter"].(bool)
	user.Invites, _ = values["invites"].(int64)
	user.Bio, _ = values["bio"].(string)
	if _, taken := s.users[user.UserName]; taken {
		return 409, "user_name: is taken" // in production: the unique index decides
	}
	s.users[user.UserName], s.last = user, user.UserName
	return 201, ""
}

func bindEverything(body []byte) (User, error) {
	user := User{Role: "member"}
	err := json.Unmarshal(body, &user)
	return user, err
}

func bindKnown(body []byte) (User, error) {
	var in SignUp
	err := json.Unmarshal(body, &in)
	return User{
		UserName: in.UserName, Email: in.Email, Age: in.Age,
		Newsletter: in.Newsletter, Invites: in.Invites, Bio: in.Bio, Role: "member",
	}, err
}

type changes map[string]any

func changed(c changes) []byte {
	good := changes{
		"user_name": "ada", "email": "ada@example.com", "age": 36, "newsletter": true,
	}
	maps.Copy(good, c)
	maps.DeleteFunc(good, func(_ string, v any) bool { return v == "absent" })
	body, err := json.Marshal(good)
	if err != nil {
		log.Fatal(err)
	}
	return body
}

func escaped(text string) string {
	var out strings.Builder
	for _, r := range text {
		if r < 0x7f {
			out.WriteRune(r)
		} else {
			fmt.Fprintf(&out, "\\u%04x", r)
		}
	}
	return out.String()
}

func row(label string, status int, message string) {
	line := fmt.Sprintf("  %-22s%-7d%s", label, status, message)
	fmt.Println(strings.TrimRight(line, " "))
}

func main() {
	fmt.Println("payload                 status errors")
	cut := changed(nil)
	for _, c := range []struct {
		label string
		body  []byte
	}{
		{"good", changed(nil)},
		{"false, 0 and empty", changed(changes{"newsletter": false, "invites": 0, "bio": ""})},
		{"odd but valid e-mail", changed(changes{"email": `"ada l"+tag@localhost`})},
		{"17 KB", changed(changes{"bio": strings.Repeat("x", 17_000)})},
		{"100 brackets deep", []byte(strings.Repeat("[", 100) + strings.Repeat("]", 100))},
		{"cut off", cut[:len(cut)-1]},
		{"NaN", []byte(`{"age": NaN}`)},
		{"e-mail missing", changed(changes{"email": "absent"})},
		{"null", changed(changes{"newsletter": nil})},
		{"age as a string", changed(changes{"age": "36"})},
		{"age as true", changed(changes{"age": true})},
		{"two out of range", changed(changes{"age": 7, "invites": 6})},
		{"e-mail ..@x..y", changed(changes{"email": "..@x..y"})},
		{"misspelled field", changed(changes{"newsleter": true})},
	} {
		status, message := newShop().signUp(c.body)
		row(c.label, status, message)
	}

	fmt.Println("\nrole=admin in the body  status role stored")
	attack := changed(changes{"role": "admin"})
	for _, b := range []struct {
		label string
		bind  func([]byte) (User, error)
	}{{"binds everything", bindEverything}, {"binds known fields", bindKnown}} {
		user, err := b.bind(attack)
		if err != nil {
			log.Fatal(err)
		}
		row(b.label, 201, user.Role)
	}
	status, message := newShop().signUp(attack)
	row("strict schema", status, "none, "+message)

	fmt.Println("\nuser name, one shop     status outcome")
	s := newShop()
	for _, name := range []string{
		"Zoe\u0308", "ZO\u00cb", "\uff41dmin", "\u0430dmin", "ad\u200dmin",
	} {
		status, message := s.signUp(changed(changes{"user_name": name}))
		if message == "" {
			message = "stored as " + escaped(s.last)
		}
		row(escaped(name), status, message)
	}
}

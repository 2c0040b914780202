// Harden a deliberately vulnerable API until its checklist is green.
package main

import (
	"crypto/subtle"
	"errors"
	"fmt"
	"maps"
	"strconv"
	"strings"
)

// stages name the control that each adds.
var stages = []string{
	"nothing",
	"object check",
	"field list",
	"plain errors",
	"account lockout",
	"known devices",
	"headers",
	"fail closed",
}

var headers = map[string]string{
	"cache-control":             "no-store",
	"content-security-policy":   "default-src 'none'; frame-ancestors 'none'",
	"strict-transport-security": "max-age=31536000",
	"x-content-type-options":    "nosniff",
}

const maxFailures = 20 // in 15 minutes; here the clock stands still

// errPolicyDown says that the service that knows who may refund is silent.
var errPolicyDown = errors.New("no answer from the policy service")

type fields = map[string]string

// Request has what earlier layers have verified.
type Request struct {
	Method, Path string
	User         string // from the verified session
	Device       string // from a signed cookie of an earlier login
	Body         fields
}

// Response is the answer.
type Response struct {
	Status  int
	Body    fields
	Headers fields
}

type slot struct{ account, device string }

// App is the API with some of the controls.
type App struct {
	controls map[string]bool
	policy   func(user string) (bool, error)
	users    map[string]fields
	devices  map[slot]bool
	failures map[slot]int // in service: shared, expiring
}

func newApp(controls ...string) *App {
	app := &App{
		controls: map[string]bool{},
		policy:   onlySupport,
		users: map[string]fields{
			"ada": {"name": "Ada", "role": "customer", "password": "sample-0500"},
		},
		devices:  map[slot]bool{{"ada", "laptop"}: true},
		failures: map[slot]int{},
	}
	for _, control := range controls {
		app.controls[control] = true
	}
	return app
}

// loadOrder fails with a text that is meant for the log.
func loadOrder(number string) (fields, error) {
	if _, err := strconv.Atoi(number); err != nil {
		return nil, fmt.Errorf("no column %s: SELECT * FROM orders WHERE id = ...", number)
	}
	owner, found := map[string]string{"41": "ben", "42": "ada"}[number]
	if !found {
		return nil, nil
	}
	return fields{"id": number, "owner": owner}, nil
}

// verify stands for the slow password hash.
func (a *App) verify(account, password string) bool {
	known := a.users[account]["password"]
	return subtle.ConstantTimeCompare([]byte(known), []byte(password)) == 1 && known != ""
}

// --8<-- [start:show]

func (a *App) handle(request Request) Response {
	response, err := a.route(request)
	if err != nil { // in service: logged, with the request id
		text := err.Error()
		if a.controls["plain errors"] {
			text = "internal error"
		}
		response = Response{Status: 500, Body: fields{"detail": text}}
	}
	if a.controls["headers"] { // here, and thus on errors too
		if response.Headers == nil {
			response.Headers = fields{}
		}
		maps.Copy(response.Headers, headers)
	}
	return response
}

func (a *App) order(request Request, number string) (Response, error) {
	order, err := loadOrder(number)
	if err != nil {
		return Response{}, err
	}
	if order == nil {
		return Response{Status: 404}, nil
	}
	if a.controls["object check"] && order["owner"] != request.User {
		return Response{Status: 404}, nil // as if it did not exist
	}
	return Response{Status: 200, Body: order}, nil
}

func (a *App) profile(request Request) (Response, error) {
	for name := range request.Body {
		if a.controls["field list"] && name != "name" {
			return Response{Status: 422}, nil
		}
	}
	maps.Copy(a.users[request.User], request.Body)
	return Response{Status: 204}, nil
}

func (a *App) login(request Request) (Response, error) {
	account := request.Body["account"]
	key := slot{account, "everybody"}
	if a.controls["known devices"] { // strangers use up the strangers' attempts
		key.device = "stranger"
		if a.devices[slot{account, request.Device}] {
			key.device = request.Device
		}
	}
	if a.controls["account lockout"] && a.failures[key] >= maxFailures {
		return Response{Status: 429, Headers: fields{"retry-after": "900"}}, nil
	}
	if !a.verify(account, request.Body["password"]) {
		a.failures[key]++
		return Response{Status: 401}, nil
	}
	delete(a.failures, key)
	return Response{Status: 204}, nil
}

func (a *App) refund(request Request) (Response, error) {
	allowed, err := a.policy(request.User)
	if err != nil {
		if a.controls["fail closed"] {
			return Response{Status: 503}, nil
		}
		allowed = true // "customers must not suffer from our outage"
	}
	if !allowed {
		return Response{Status: 403}, nil
	}
	return Response{Status: 204}, nil
}

// --8<-- [end:show]

func (a *App) route(request Request) (Response, error) {
	number, isOrder := strings.CutPrefix(request.Path, "/orders/")
	switch {
	case request.Method == "GET" && isOrder:
		return a.order(request, number)
	case request.Method == "PATCH" && request.Path == "/profile":
		return a.profile(request)
	case request.Method == "POST" && request.Path == "/login":
		return a.login(request)
	case request.Method == "POST" && request.Path == "/refunds":
		return a.refund(request)
	default:
		return Response{Status: 404}, nil
	}
}

func onlySupport(user string) (bool, error) { return user == "sam", nil }

func down(string) (bool, error) { return false, errPolicyDown }

func attempt(app *App, password, device string) int {
	body := fields{"account": "ada", "password": password}
	request := Request{Method: "POST", Path: "/login", Device: device, Body: body}
	return app.handle(request).Status
}

func get(app *App, path string) Response {
	return app.handle(Request{Method: "GET", Path: path, User: "ada"})
}

func refund(app *App, user string) int {
	return app.handle(Request{Method: "POST", Path: "/refunds", User: user}).Status
}

func patch(app *App, body fields) int {
	request := Request{Method: "PATCH", Path: "/profile", User: "ada", Body: body}
	return app.handle(request).Status
}

type attack struct {
	name   string
	worked func(app *App) bool
}

var attacks = []attack{
	{"read another's order", func(app *App) bool {
		return get(app, "/orders/41").Status == 200
	}},
	{"become admin", func(app *App) bool {
		patch(app, fields{"role": "admin"})
		return app.users["ada"]["role"] == "admin"
	}},
	{"learn from an error", func(app *App) bool {
		return strings.Contains(get(app, "/orders/x").Body["detail"], "SELECT")
	}},
	{"guess a password", func(app *App) bool {
		for n := range 1000 {
			if attempt(app, fmt.Sprintf("sample-%04d", n), "") == 204 {
				return true
			}
		}
		return false
	}},
	{"lock the owner out", func(app *App) bool {
		for range 1000 {
			attempt(app, "wrong", "")
		}
		return attempt(app, "sample-0500", "laptop") != 204
	}},
	{"sniff or cache a reply", func(app *App) bool {
		sent := get(app, "/orders/x").Headers
		for name, value := range headers {
			if sent[name] != value {
				return true
			}
		}
		return false
	}},
	{"refund in an outage", func(app *App) bool {
		app.policy = down
		return refund(app, "ada") == 204
	}},
}

func honestUse(app *App) bool {
	return attempt(app, "typo", "laptop") == 401 &&
		attempt(app, "sample-0500", "laptop") == 204 &&
		get(app, "/orders/42").Status == 200 &&
		patch(app, fields{"name": "Ada L."}) == 204 &&
		refund(app, "sam") == 204 &&
		refund(app, "ada") == 403
}

// row prints a cell for each stage.
func row(label string, cell func(stage int) string) {
	fmt.Printf("%-24s", label)
	for stage := range stages {
		fmt.Printf("%6s", cell(stage))
	}
	fmt.Println()
}

func main() {
	for stage, control := range stages {
		plus := ""
		if stage > 0 {
			plus = "+ "
		}
		fmt.Printf("stage %d: %s%s\n", stage, plus, control)
	}
	at := func(stage int) *App { return newApp(stages[1 : stage+1]...) }
	row("attack at stage", strconv.Itoa)
	for _, each := range attacks {
		row(each.name, func(stage int) string {
			if each.worked(at(stage)) {
				return "OPEN"
			}
			return "shut"
		})
	}
	row("honest use", func(stage int) string {
		if honestUse(at(stage)) {
			return "works"
		}
		return "FAILS"
	})
}

// Decide who may do what to which invoice, and test every combination.
package main

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
)

// Actor is who asks.
type Actor struct {
	ID, Tenant, Role string
	Active           bool
}

// Invoice is what is asked for.
type Invoice struct {
	ID            int
	Tenant, Owner string
	Cents         int
}

var invoices = []Invoice{
	{1, "acme", "ana", 40_00},
	{2, "acme", "ben", 400_00},
	{3, "acme", "ben", 4000_00},
	{4, "globex", "dee", 400_00},
}

// --8<-- [start:show]

var (
	ownerMay = []string{"read", "update"}
	roleMay  = map[string][]string{
		"accountant": {"read"},
		"admin":      {"read", "update", "delete"},
	} // a member may do nothing by role
	approvalLimit = map[string]int{"accountant": 1000_00, "admin": 100_000_00} // cents
)

// allowed says yes for a reason that is written here; whatever is left is no.
func allowed(actor Actor, action string, invoice Invoice) bool {
	if !actor.Active || actor.Tenant != invoice.Tenant {
		return false // before any role: no role reaches into another tenant
	}
	if action == "approve" { // role, attribute and relationship in one rule
		return invoice.Owner != actor.ID && invoice.Cents <= approvalLimit[actor.Role]
	}
	if invoice.Owner == actor.ID && slices.Contains(ownerMay, action) {
		return true
	}
	return slices.Contains(roleMay[actor.Role], action)
}

// visible is the scope of lists and lookups: in SQL, the WHERE of every query.
func visible(actor Actor, invoice Invoice) bool {
	return actor.Active && actor.Tenant == invoice.Tenant &&
		(invoice.Owner == actor.ID || slices.Contains(roleMay[actor.Role], "read"))
}

// byIDAlone checks that somebody is logged in, and nothing else: the BOLA bug.
func byIDAlone(actor *Actor, _ string, id int) int {
	if actor == nil {
		return http.StatusUnauthorized
	}
	if !slices.ContainsFunc(invoices, func(i Invoice) bool { return i.ID == id }) {
		return http.StatusNotFound
	}
	return http.StatusOK
}

func scoped(actor *Actor, action string, id int) int {
	if actor == nil {
		return http.StatusUnauthorized
	}
	at := slices.IndexFunc(invoices, func(i Invoice) bool { return i.ID == id && visible(*actor, i) })
	if at < 0 {
		return http.StatusNotFound // absent, or not yours: the same answer
	}
	if !allowed(*actor, action, invoices[at]) {
		return http.StatusForbidden
	}
	return http.StatusOK
}

// --8<-- [end:show]

var (
	ana    = Actor{"ana", "acme", "member", true}
	eve    = Actor{"eve", "acme", "accountant", true}
	ada    = Actor{"ada", "acme", "admin", true}
	matrix = []struct {
		name     string
		actor    Actor
		expected [4]string // own, small, large, in the other tenant
	}{
		{"member", ana, [4]string{"RU---", "-----", "-----", "-----"}},
		{"accountant", eve, [4]string{"RU---", "R--A-", "R----", "-----"}},
		{"admin", ada, [4]string{"RUD--", "RUDA-", "RUDA-", "-----"}},
		{"suspended admin", Actor{"ada", "acme", "admin", false}, [4]string{"-----", "-----", "-----", "-----"}},
		{"admin of globex", Actor{"dee", "globex", "admin", true}, [4]string{"-----", "-----", "-----", "RUD--"}},
	}
	actions = []string{"read", "update", "delete", "approve", "export"}
)

type policy func(actor Actor, action string, invoice Invoice) bool

func withoutTenant(actor Actor, action string, invoice Invoice) bool {
	invoice.Tenant = actor.Tenant
	return allowed(actor, action, invoice)
}

// decisions tries every action on an invoice of one's own, and on the others.
func decisions(p policy, actor Actor) (cells [4]string) {
	for at, invoice := range invoices {
		if at == 0 {
			invoice.Owner = actor.ID
		}
		for column, action := range actions {
			if p(actor, action, invoice) {
				cells[at] += "RUDAX"[column : column+1]
			} else {
				cells[at] += "-"
			}
		}
	}
	return cells
}

func wrong(p policy) (findings []string) {
	for _, row := range matrix {
		for at, have := range decisions(p, row.actor) {
			if want := row.expected[at]; have != want {
				findings = append(findings, fmt.Sprintf("%s %s for %s", row.name, have, want))
			}
		}
	}
	return findings
}

func main() {
	fmt.Printf("%-17sown    small  large  globex's\n", "")
	for _, row := range matrix {
		cells := decisions(allowed, row.actor)
		fmt.Printf("%-17s%s\n", row.name, strings.Join(cells[:], "  "))
	}
	fmt.Printf("100 decisions, wrong cells: %d\n", len(wrong(allowed)))
	findings := wrong(withoutTenant)
	fmt.Printf("without the tenant check: %d, first %s\n", len(findings), findings[0])
	agree, pairs := 0, 0
	for _, row := range matrix {
		for _, invoice := range invoices {
			pairs++
			if allowed(row.actor, "read", invoice) == visible(row.actor, invoice) {
				agree++
			}
		}
	}
	fmt.Printf("lists and policy agree on %d of %d pairs\n", agree, pairs)
	fmt.Println("ana asks for invoices 1 to 5")
	for _, handler := range []struct {
		name  string
		serve func(*Actor, string, int) int
	}{{"by id alone", byIDAlone}, {"in her scope", scoped}} {
		statuses := []string{}
		for id := 1; id <= 5; id++ {
			statuses = append(statuses, fmt.Sprint(handler.serve(&ana, "read", id)))
		}
		fmt.Printf("  %-14s%s\n", handler.name, strings.Join(statuses, " "))
	}
	fmt.Println("somebody deletes invoice 2")
	for _, caller := range []struct {
		name  string
		actor *Actor
	}{{"nobody", nil}, {"ana", &ana}, {"eve", &eve}, {"ada", &ada}} {
		fmt.Printf("  %-14s%d\n", caller.name, scoped(caller.actor, "delete", 2))
	}
}

// Deliver chat messages over lossy connections: no gap, no double, one order.
package main

import (
	"fmt"
	"strings"
)

// --8<-- [start:show]

// Conversation is the server's half: one place for each message.
type Conversation struct {
	log    []string
	places map[[2]string]int
}

func (c *Conversation) add(user, clientID, text string) (place int, isNew bool) {
	if place, ok := c.places[[2]string{user, clientID}]; ok {
		return place, false // a repetition gets the first answer
	}
	c.log = append(c.log, text) // both in one transaction
	c.places[[2]string{user, clientID}] = len(c.log)
	return len(c.log), true
}

func (c *Conversation) after(place int) []string { return c.log[place:] }

// Phone is the client's half: show place n only after place n - 1.
type Phone struct {
	name  string
	last  int
	shown []string
}

func (p *Phone) receive(place int, text string, server Server) string {
	if place <= p.last {
		return "known, dropped"
	}
	if place > p.last+1 {
		gap := fmt.Sprintf("gap after %d, ", p.last)
		return gap + p.catchUp(server)
	}
	p.shown = append(p.shown, text)
	p.last = place
	return "shown"
}

func (p *Phone) catchUp(server Server) string {
	fetched := "fetched"
	for _, text := range server.after(p.last) {
		p.receive(p.last+1, text, server)
		fetched += fmt.Sprint(" ", p.last)
	}
	return fetched
}

// --8<-- [end:show]

// ReadPositions has one number for a user and conversation, over all devices.
type ReadPositions map[string]int

func (r ReadPositions) markRead(user string, place int) int {
	r[user] = max(r[user], place)
	return r[user]
}

// Server is what devices and the script need.
type Server interface {
	add(user, clientID, text string) (place int, isNew bool)
	after(place int) []string
}

// Device is what the script drives.
type Device interface {
	typed(text string)
	acknowledged(place int, text string, server Server) string
	receive(place int, text string, server Server) string
	catchUp(server Server) string
	state() (name string, last int, shown []string)
}

// Pending, drawn below the rest until the server gives it a place.
func (p *Phone) typed(string) {}

func (p *Phone) acknowledged(place int, text string, server Server) string {
	return p.receive(place, text, server)
}

func (p *Phone) state() (name string, last int, shown []string) {
	return p.name, p.last, p.shown
}

func newConversation() *Conversation {
	return &Conversation{places: map[[2]string]int{}}
}

type naiveConversation struct{ *Conversation }

func (c naiveConversation) add(_, _, text string) (place int, isNew bool) {
	c.log = append(c.log, text)
	return len(c.log), true
}

// naivePhone shows its own message when typed, and others as they come.
type naivePhone struct{ Phone }

func (p *naivePhone) typed(text string) { p.shown = append(p.shown, text) }

func (p *naivePhone) acknowledged(int, string, Server) string { return "sent" }

func (p *naivePhone) receive(_ int, text string, _ Server) string {
	p.shown = append(p.shown, text)
	return "shown"
}

func (p *naivePhone) catchUp(Server) string { return "live messages only" }

// Play is the same script for both kinds of server and device.
type Play struct {
	server             Server
	ada, phone, laptop Device
	lines              []string
}

func (p *Play) say(parts ...string) {
	p.lines = append(p.lines, strings.Join(parts, " | "))
}

func (p *Play) post(clientID, text string, ack bool, lost string, to ...Device) {
	sender := p.ada
	if clientID[0] == 'b' {
		sender = p.phone
	}
	name, _, _ := sender.state()
	place, isNew := p.server.add(name, clientID, text)
	verb := "was"
	if isNew {
		verb = "is"
	}
	parts := []string{fmt.Sprintf("%s %-8s %s %d", clientID, text, verb, place)}
	if ack {
		parts = append(parts, name+": "+sender.acknowledged(place, text, p.server))
	} else {
		parts = append(parts, "acknowledgment lost")
	}
	for _, device := range to { // again after a repetition: a push may be lost
		name, _, _ := device.state()
		parts = append(parts, name+": "+device.receive(place, text, p.server))
	}
	if lost != "" {
		parts = append(parts, lost)
	}
	p.say(parts...)
}

func (p *Play) run() {
	p.ada.typed("Lunch?")
	p.post("a1", "Lunch?", true, "", p.phone, p.laptop)
	p.say("laptop loses its connection")
	p.ada.typed("At noon?")
	p.post("a2", "At noon?", false, "", p.phone)
	p.post("a2", "At noon?", true, "", p.phone)
	p.phone.typed("Yes")
	p.ada.typed("Where?")
	p.post("b1", "Yes", true, "ada: on its way")
	p.post("a3", "Where?", true, "phone: lost")
	p.say("3 arrives", "ada: "+p.ada.receive(3, "Yes", p.server))
	p.phone.typed("Station")
	p.post("b2", "Station", true, "", p.ada)
	_, last, _ := p.laptop.state()
	p.say(fmt.Sprint("laptop is back after ", last), p.laptop.catchUp(p.server))
}

func (p *Play) show() {
	for _, device := range []Device{p.ada, p.phone, p.laptop} {
		name, _, shown := device.state()
		fmt.Printf("%-7s %s\n", name, strings.Join(shown, " / "))
	}
}

func main() {
	fmt.Println("Naive: no numbers, no client ids, live messages only")
	naive := Play{
		server: naiveConversation{newConversation()},
		ada:    &naivePhone{Phone{name: "ada"}},
		phone:  &naivePhone{Phone{name: "phone"}},
		laptop: &naivePhone{Phone{name: "laptop"}},
	}
	naive.run()
	naive.show()
	fmt.Println("\nNumbered: ada is Ada's phone; phone and laptop are Bob's")
	play := Play{
		server: newConversation(),
		ada:    &Phone{name: "ada"},
		phone:  &Phone{name: "phone"},
		laptop: &Phone{name: "laptop"},
	}
	play.run()
	fmt.Println(strings.Join(play.lines, "\n"))
	positions := ReadPositions{}
	first := positions.markRead("bob", 5)
	late := positions.markRead("bob", 4)
	fmt.Print("Bob read up to | laptop says 5: ", first)
	fmt.Println(" | phone says 4, late:", late)
	play.show()
}

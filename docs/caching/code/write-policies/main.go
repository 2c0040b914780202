// Ten acknowledged writes, then the cache node dies: what is left of them?
package main

import "fmt"

type change struct {
	version int
	key     string
	value   int
}

type database struct {
	stock   map[string]int
	version int // of the last write that was applied
	calls   int
}

func newDatabase() *database { return &database{stock: map[string]int{}} }

// apply is one transaction for the whole batch; what was applied before is skipped.
func (d *database) apply(batch ...change) {
	d.calls++
	for _, c := range batch {
		if c.version > d.version {
			d.stock[c.key], d.version = c.value, c.version
		}
	}
}

type cache interface {
	write(change)
	flush(limit int)
	crash()
	recover()
}

// --8<-- [start:show]

// writeThrough: acknowledged means in the database. The cache follows.
type writeThrough struct {
	database *database
	memory   map[string]int
}

func (w *writeThrough) write(c change) {
	w.database.apply(c) // if it fails, so does the write
	w.memory[c.key] = c.value
}

func (w *writeThrough) flush(int) {}
func (w *writeThrough) crash()    { clear(w.memory) }
func (w *writeThrough) recover()  {} // nothing to do: all of it was a copy

// writeBehind: acknowledged means in memory and queued. The database follows, in
// batches.
type writeBehind struct {
	database *database
	durable  bool
	memory   map[string]int
	queue    []change
}

func (w *writeBehind) write(c change) {
	w.queue = append(w.queue, c) // first: no cached write without it
	w.memory[c.key] = c.value
}

func (w *writeBehind) flush(limit int) {
	w.database.apply(w.queue[:limit]...)
	w.queue = w.queue[limit:] // after the commit: a crash in between repeats
}

func (w *writeBehind) crash() {
	clear(w.memory)
	if !w.durable {
		w.queue = nil
	}
}

func (w *writeBehind) recover() {
	if len(w.queue) > 0 {
		w.flush(len(w.queue))
	}
}

// --8<-- [end:show]

func run(label string, db *database, c cache) {
	for version := range 10 {
		c.write(change{version + 1, "tea", 99 - version})
		if version == 2 || version == 5 {
			c.flush(3)
		}
	}
	seen, before := db.stock["tea"], db.calls
	c.crash()
	c.recover()
	fmt.Printf("%-26s%8d%10d%12d%8d\n", label, before, seen, db.stock["tea"], 10-db.version)
}

func behind(db *database, durable bool) *writeBehind {
	return &writeBehind{database: db, durable: durable, memory: map[string]int{}}
}

func main() {
	fmt.Println("ten writes, tea goes from 100 to 90; all acknowledged; then a crash")
	fmt.Printf("%-26sdatabase  others see  after the  writes\n", "")
	fmt.Printf("%-26s  writes  meanwhile    restart    lost\n", "policy")
	db := newDatabase()
	run("write-through", db, &writeThrough{db, map[string]int{}})
	db = newDatabase()
	run("write-behind, in memory", db, behind(db, false))
	db = newDatabase()
	run("write-behind, durable log", db, behind(db, true))

	db = newDatabase()
	c := behind(db, true)
	c.write(change{1, "tea", 99})
	c.write(change{2, "tea", 98})
	db.apply(c.queue[0]) // applied, but the crash comes before the delete
	c.crash()
	c.recover()
	fmt.Printf("\na batch repeated after a crash: tea %d\n", db.stock["tea"])
}

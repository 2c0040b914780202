// Package ledger holds the tables of the module stock. The compiler lets no
// package outside example/stock import it.
package ledger

import (
	"maps"
	"sync"
)

type taken struct {
	article string
	pieces  int
}

type Ledger struct {
	mutex  sync.Mutex
	pieces map[string]int
	taken  map[string]taken
}

func New(pieces map[string]int) *Ledger {
	return &Ledger{pieces: maps.Clone(pieces), taken: make(map[string]taken)}
}

func (l *Ledger) Take(order, article string, pieces int) bool {
	l.mutex.Lock()
	defer l.mutex.Unlock()
	wish := taken{article, pieces}
	if before, again := l.taken[order]; again {
		return before == wish
	}
	if pieces < 1 || pieces > l.pieces[article] {
		return false
	}
	l.pieces[article] -= pieces
	l.taken[order] = wish
	return true
}

func (l *Ledger) GiveBack(order string) {
	l.mutex.Lock()
	defer l.mutex.Unlock()
	if before, found := l.taken[order]; found {
		l.pieces[before.article] += before.pieces
		delete(l.taken, order)
	}
}

func (l *Ledger) Left(article string) int {
	l.mutex.Lock()
	defer l.mutex.Unlock()
	return l.pieces[article]
}

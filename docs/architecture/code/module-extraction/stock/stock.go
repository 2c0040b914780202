// Package stock is the module as other modules see it.
package stock

import (
	"context"
	"errors"

	"example/stock/internal/ledger"
)

// --8<-- [start:show]

var (
	// ErrRefused: the rules of stock say no. Nothing was changed.
	ErrRefused = errors.New("stock: refused")
	// ErrUnavailable: stock was not reached. Nothing was changed.
	ErrUnavailable = errors.New("stock: not reached")
	// ErrUnknown: no answer in time. The change may have been made, or may still be.
	ErrUnknown = errors.New("stock: no answer")
)

type Stock interface {
	// Reserve works once for an order, however often it is called.
	Reserve(ctx context.Context, order, article string, pieces int) error
	Release(ctx context.Context, order string) error
	Left(ctx context.Context, article string) (int, error)
}

type Local struct{ ledger *ledger.Ledger }

func NewLocal(pieces map[string]int) Local {
	return Local{ledger.New(pieces)}
}

func (l Local) Reserve(_ context.Context, order, article string, pieces int) error {
	if !l.ledger.Take(order, article, pieces) {
		return ErrRefused
	}
	return nil
}

func (l Local) Release(_ context.Context, order string) error {
	l.ledger.GiveBack(order)
	return nil
}

func (l Local) Left(_ context.Context, article string) (int, error) {
	return l.ledger.Left(article), nil
}

// --8<-- [end:show]

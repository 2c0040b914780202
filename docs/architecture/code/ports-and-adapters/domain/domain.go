// Package domain is the inside: rules, the use case and the ports it needs.
// Nothing here does I/O.
package domain

import (
	"errors"
	"time"
)

// --8<-- [start:show]

// Order is what the use case makes; Ships holds a day.
type Order struct {
	Number string
	Cents  int
	Ships  time.Time
}

var (
	ErrRefused   = errors.New("1 to 20 pieces")
	ErrDuplicate = errors.New("number taken")
)

// Orders is a port: what the use case needs from a store, in its own words.
type Orders interface {
	// Add stores the order, or returns ErrDuplicate; one atomic step.
	Add(Order) error
	// Find says in its second result whether there is such an order.
	Find(number string) (Order, bool, error)
}

// Pricing is a strategy: list price in, price out.
type Pricing func(cents int) int

func ListPrice(cents int) int { return cents }

func Sale(cents int) int {
	if cents >= 10_000 {
		return cents * 9 / 10
	}
	return cents
}

// PlaceOrder is the use case; its fields are all that it depends on.
type PlaceOrder struct {
	Orders    Orders
	Pricing   Pricing
	Clock     func() time.Time
	UnitCents int
}

func (p PlaceOrder) Do(number string, quantity int) (Order, error) {
	if quantity < 1 || quantity > 20 {
		return Order{}, ErrRefused
	}
	now := p.Clock()
	ships := time.Date(now.Year(), now.Month(), now.Day(), 0, 0, 0, 0, time.UTC)
	if now.Hour() >= 14 {
		ships = ships.AddDate(0, 0, 1)
	}
	order := Order{number, p.Pricing(quantity * p.UnitCents), ships}
	if err := p.Orders.Add(order); err != nil {
		return Order{}, err
	}
	return order, nil
}

// --8<-- [end:show]

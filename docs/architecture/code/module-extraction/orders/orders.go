// Package orders knows the interface of stock, and not where it runs.
package orders

import (
	"context"
	"errors"
	"fmt"

	"example/stock"
)

// --8<-- [start:show]

type Orders struct{ Stock stock.Stock }

func (o Orders) Place(
	ctx context.Context, order, article string, pieces int,
) (string, error) {
	err := o.Stock.Reserve(ctx, order, article, pieces)
	switch {
	case err == nil:
		return "placed", nil
	case errors.Is(err, stock.ErrRefused):
		return "refused", nil
	case errors.Is(err, stock.ErrUnavailable):
		return "try later", nil
	case errors.Is(err, stock.ErrUnknown):
		return "pending", nil // ask again with the same order id
	default:
		return "", fmt.Errorf("reserve for %s: %w", order, err)
	}
}

// --8<-- [end:show]

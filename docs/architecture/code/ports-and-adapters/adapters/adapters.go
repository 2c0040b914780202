// Package adapters is the outside, driven side: two stores behind domain.Orders.
package adapters

import (
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"sync"
	"time"

	"example/domain"
)

// --8<-- [start:show]

// MemoryOrders is ready to use as its zero value.
type MemoryOrders struct {
	mutex  sync.Mutex
	orders map[string]domain.Order
}

func (m *MemoryOrders) Add(order domain.Order) error {
	m.mutex.Lock()
	defer m.mutex.Unlock()
	if _, taken := m.orders[order.Number]; taken {
		return domain.ErrDuplicate
	}
	if m.orders == nil {
		m.orders = make(map[string]domain.Order)
	}
	m.orders[order.Number] = order
	return nil
}

func (m *MemoryOrders) Find(number string) (domain.Order, bool, error) {
	m.mutex.Lock()
	defer m.mutex.Unlock()
	order, found := m.orders[number]
	return order, found, nil
}

// FileOrders keeps one file an order; the file system refuses the second of a name.
type FileOrders struct{ Folder string }

func (f FileOrders) Add(order domain.Order) error {
	const flags = os.O_WRONLY | os.O_CREATE | os.O_EXCL
	out, err := os.OpenFile(f.file(order.Number), flags, 0o600)
	if errors.Is(err, fs.ErrExist) {
		return domain.ErrDuplicate
	}
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(out, "%d %s", order.Cents, order.Ships.Format(time.DateOnly))
	return errors.Join(err, out.Close())
}

func (f FileOrders) Find(number string) (domain.Order, bool, error) {
	text, err := os.ReadFile(f.file(number))
	if errors.Is(err, fs.ErrNotExist) {
		return domain.Order{}, false, nil
	}
	if err != nil {
		return domain.Order{}, false, err
	}
	order, day := domain.Order{Number: number}, ""
	if _, err = fmt.Sscanf(string(text), "%d %s", &order.Cents, &day); err != nil {
		return domain.Order{}, false, err
	}
	order.Ships, err = time.Parse(time.DateOnly, day)
	return order, err == nil, err
}

// file keeps every name inside the folder.
func (f FileOrders) file(number string) string {
	return filepath.Join(f.Folder, hex.EncodeToString([]byte(number)))
}

// --8<-- [end:show]

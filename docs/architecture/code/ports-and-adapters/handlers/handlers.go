// Package handlers is the outside, driving side: one endpoint, fat and thin.
package handlers

import (
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"time"

	"example/domain"
)

func money(cents int) string {
	return fmt.Sprintf("%d.%02d", cents/100, cents%100)
}

// readForm finds the number and the quantity in a form.
func readForm(body string) (string, int, error) {
	form, err := url.ParseQuery(body)
	if err != nil {
		return "", 0, err
	}
	number := form.Get("number")
	if len(number) < 1 || len(number) > 40 {
		return "", 0, errors.New("number: 1 to 40 bytes")
	}
	quantity, err := strconv.Atoi(form.Get("quantity"))
	return number, quantity, err
}

// --8<-- [start:show]

// Fat decides, stores and answers in one function.
func Fat(folder, body string) (int, string) {
	number, quantity, err := readForm(body)
	if err != nil {
		return http.StatusBadRequest, "number and quantity, please"
	}
	if quantity < 1 || quantity > 20 {
		return http.StatusUnprocessableEntity, "1 to 20 pieces"
	}
	cents := quantity * 2500
	if cents >= 10_000 {
		cents = cents * 9 / 10
	}
	ships := time.Now()
	if ships.Hour() >= 14 {
		ships = ships.AddDate(0, 0, 1)
	}
	name := filepath.Join(folder, hex.EncodeToString([]byte(number)))
	out, err := os.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if errors.Is(err, fs.ErrExist) {
		return http.StatusConflict, "number taken"
	}
	if err != nil {
		return http.StatusInternalServerError, "try again later"
	}
	day := ships.Format(time.DateOnly)
	_, err = fmt.Fprintf(out, "%d %s", cents, day)
	if errors.Join(err, out.Close()) != nil {
		return http.StatusInternalServerError, "try again later"
	}
	return http.StatusCreated, money(cents) + " ships " + day
}

// Thin translates: a form into a call, a result into a status.
func Thin(placeOrder domain.PlaceOrder, body string) (int, string) {
	number, quantity, err := readForm(body)
	if err != nil {
		return http.StatusBadRequest, "number and quantity, please"
	}
	order, err := placeOrder.Do(number, quantity)
	switch {
	case errors.Is(err, domain.ErrRefused):
		return http.StatusUnprocessableEntity, err.Error()
	case errors.Is(err, domain.ErrDuplicate):
		return http.StatusConflict, err.Error()
	case err != nil:
		return http.StatusInternalServerError, "try again later"
	}
	day := order.Ships.Format(time.DateOnly)
	return http.StatusCreated, money(order.Cents) + " ships " + day
}

// --8<-- [end:show]

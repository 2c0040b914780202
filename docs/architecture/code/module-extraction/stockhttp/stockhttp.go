// Package stockhttp is stock over HTTP: the client and the service.
package stockhttp

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/url"
	"sync/atomic"
	"syscall"
	"time"

	"example/stock"
)

type wish struct {
	Article string `json:"article"`
	Pieces  int    `json:"pieces"`
}

type level struct {
	Left int `json:"left"`
}

// --8<-- [start:show]

// Client shows what the network adds: a timeout, and two answers that are none.
type Client struct {
	Base string
	HTTP *http.Client // with its Timeout set
}

func (c Client) Reserve(ctx context.Context, order, article string, pieces int) error {
	path := "/reservations/" + url.PathEscape(order)
	return c.call(ctx, http.MethodPut, path, wish{article, pieces}, nil)
}

func (c Client) Release(ctx context.Context, order string) error {
	path := "/reservations/" + url.PathEscape(order)
	return c.call(ctx, http.MethodDelete, path, nil, nil)
}

func (c Client) Left(ctx context.Context, article string) (int, error) {
	var found level
	path := "/articles/" + url.PathEscape(article)
	err := c.call(ctx, http.MethodGet, path, nil, &found)
	return found.Left, err
}

func (c Client) call(ctx context.Context, method, path string, in, out any) error {
	var body io.Reader = http.NoBody
	if in != nil {
		text, err := json.Marshal(in)
		if err != nil {
			return err
		}
		body = bytes.NewReader(text)
	}
	request, err := http.NewRequestWithContext(ctx, method, c.Base+path, body)
	if err != nil {
		return err
	}
	response, err := c.HTTP.Do(request)
	if errors.Is(err, syscall.ECONNREFUSED) {
		return fmt.Errorf("%w: %w", stock.ErrUnavailable, err)
	}
	if err != nil {
		return fmt.Errorf("%w: %w", stock.ErrUnknown, err)
	}
	defer response.Body.Close()
	text, err := io.ReadAll(io.LimitReader(response.Body, 10_000))
	switch {
	case err != nil:
		return fmt.Errorf("%w: %w", stock.ErrUnknown, err)
	case response.StatusCode == http.StatusConflict:
		return stock.ErrRefused
	case response.StatusCode >= 300:
		return fmt.Errorf("%w: %s", stock.ErrUnknown, response.Status)
	case out == nil:
		return nil
	}
	return json.Unmarshal(text, out)
}

// --8<-- [end:show]

// Service is the extracted module: HTTP around any Stock, with one fault to order.
type Service struct {
	Applied chan struct{}

	stock    stock.Stock
	holdNext atomic.Bool
	resume   chan struct{}
	server   *http.Server
	served   chan error
	address  string
}

func Start(around stock.Stock) (*Service, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	s := &Service{
		Applied: make(chan struct{}, 1),
		stock:   around,
		resume:  make(chan struct{}),
		served:  make(chan error, 1),
		address: listener.Addr().String(),
	}
	mux := http.NewServeMux()
	mux.HandleFunc("PUT /reservations/{order}", s.put)
	mux.HandleFunc("DELETE /reservations/{order}", s.delete)
	mux.HandleFunc("GET /articles/{article}", s.get)
	s.server = &http.Server{Handler: mux, ReadTimeout: 5 * time.Second}
	go func() { s.served <- s.server.Serve(listener) }()
	return s, nil
}

func (s *Service) Client(timeout time.Duration) Client {
	// A connection for each call, as in the other programs.
	transport := &http.Transport{DisableKeepAlives: true}
	client := &http.Client{Timeout: timeout, Transport: transport}
	return Client{"http://" + s.address, client}
}

// HoldNext keeps the answer to the next reservation back until Stop.
func (s *Service) HoldNext() { s.holdNext.Store(true) }

func (s *Service) Stop() error {
	close(s.resume)
	if err := s.server.Close(); err != nil {
		return err
	}
	if err := <-s.served; !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return nil
}

func (s *Service) put(w http.ResponseWriter, r *http.Request) {
	var in wish
	body := http.MaxBytesReader(w, r.Body, 10_000)
	if err := json.NewDecoder(body).Decode(&in); err != nil {
		http.Error(w, "not a wish", http.StatusBadRequest)
		return
	}
	err := s.stock.Reserve(r.Context(), r.PathValue("order"), in.Article, in.Pieces)
	switch {
	case errors.Is(err, stock.ErrRefused):
		w.WriteHeader(http.StatusConflict)
		return
	case err != nil:
		w.WriteHeader(http.StatusInternalServerError)
		return
	}
	if s.holdNext.Swap(false) {
		s.Applied <- struct{}{}
		<-s.resume
		panic(http.ErrAbortHandler)
	}
	w.WriteHeader(http.StatusNoContent)
}

func (s *Service) delete(w http.ResponseWriter, r *http.Request) {
	if err := s.stock.Release(r.Context(), r.PathValue("order")); err != nil {
		w.WriteHeader(http.StatusInternalServerError)
		return
	}
	w.WriteHeader(http.StatusNoContent)
}

func (s *Service) get(w http.ResponseWriter, r *http.Request) {
	left, err := s.stock.Left(r.Context(), r.PathValue("article"))
	if err != nil {
		w.WriteHeader(http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	if err := json.NewEncoder(w).Encode(level{left}); err != nil {
		log.Print(err)
	}
}

// Workers on a job queue in PostgreSQL: leases, backoff, dead jobs, one tick.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"strings"
	"time"
)

// Seconds of the injected clock; a real table has timestamptz and now().
const schema = `
	CREATE TABLE jobs (
		id           integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
		kind         text NOT NULL,
		payload      jsonb NOT NULL,
		unique_key   text UNIQUE,
		priority     integer NOT NULL DEFAULT 0,
		state        text NOT NULL DEFAULT 'queued',
		run_at       integer NOT NULL DEFAULT 0,
		attempts     integer NOT NULL DEFAULT 0,
		max_attempts integer NOT NULL DEFAULT 3,
		leased_until integer,
		last_error   text
	);
	INSERT INTO jobs (kind, payload, priority) VALUES
		('receipt', '{"v": 1}', 0), ('sync', '{"v": 1}', 0),
		('thumbnail', '{"v": 1}', 0), ('export', '{"v": 1}', 0),
		('receipt', '{"v": 9}', 0), ('resize', '{"v": 1}', 0),
		('password', '{"v": 1}', 10)`

const (
	lease          = 30 // seconds
	heartbeatEvery = 10
)

// JobError is a failure of the job, not of the queue.
type JobError struct {
	Reason    string
	Permanent bool // it would fail again, however often it is tried
}

func (e *JobError) Error() string { return e.Reason }

var errWorkerDied = errors.New("the process ended: nobody settles its job")

type Job struct {
	id, attempt, maxAttempts int64
	kind, payload            string
}

// --8<-- [start:show]

const (
	reap = `
		UPDATE jobs SET run_at = $1, last_error = 'lease expired', state =
			CASE WHEN attempts < max_attempts THEN 'retrying' ELSE 'dead' END
		WHERE state = 'active' AND leased_until <= $1`
	claim = `
		UPDATE jobs SET state = 'active', attempts = attempts + 1, leased_until = $2
		WHERE id = (
			SELECT id FROM jobs WHERE state IN ('queued', 'retrying') AND run_at <= $1
			ORDER BY priority DESC, run_at, id LIMIT 1 FOR UPDATE SKIP LOCKED)
		RETURNING id, kind, payload, attempts, max_attempts`
	// The attempt proves the lease: after another claim it has another number.
	held     = "WHERE id = $1 AND attempts = $2 AND state = 'active'"
	extend   = "UPDATE jobs SET leased_until = $3 " + held
	complete = "UPDATE jobs SET state = 'completed' " + held
	fail     = "UPDATE jobs SET state = $3, run_at = $4, last_error = $5 " + held
	tick     = `
		INSERT INTO jobs (kind, payload, unique_key) VALUES ('report', '{"v": 1}', $1)
		ON CONFLICT (unique_key) DO NOTHING`
)

// backoff is full jitter: from 1 second to a ceiling that doubles, at most 60.
func backoff(attempt int64, random func(below int64) int64) int64 {
	return 1 + random(min(60, int64(5)<<(attempt-1)))
}

// settle does the work and writes down the outcome only if the job is still ours.
func settle(ctx context.Context, db *DB, job Job, now int64, random func(int64) int64, work func(Job) (string, error)) (string, error) {
	outcome, err := work(job)
	var failure *JobError
	var kept int
	switch {
	case err == nil:
		kept, err = db.Exec(ctx, complete, job.id, job.attempt)
	case !errors.As(err, &failure):
		return "", err
	case failure.Permanent || job.attempt == job.maxAttempts:
		outcome = failure.Reason + ", dead"
		kept, err = db.Exec(ctx, fail, job.id, job.attempt, "dead", now, failure.Reason)
	default:
		wait := backoff(job.attempt, random)
		outcome = fmt.Sprintf("%s, again in %d s", failure.Reason, wait)
		kept, err = db.Exec(ctx, fail, job.id, job.attempt, "retrying", now+wait, failure.Reason)
	}
	if err == nil && kept == 0 {
		outcome += ", but the lease was lost"
	}
	return outcome, err
}

// --8<-- [end:show]

// Generator is the same small generator in every language.
type Generator struct{ state int64 }

func (g *Generator) Below(limit int64) int64 {
	g.state = (g.state*1103515245 + 12345) % (1 << 31)
	return (g.state >> 16) % limit
}

// MailProvider sends one mail a key, as providers with idempotency keys do.
type MailProvider struct {
	requests int
	sent     map[string]bool
}

func (m *MailProvider) Send(key string) string {
	m.requests++
	if m.sent[key] {
		return "key seen, no second mail"
	}
	m.sent[key] = true
	return "mail sent"
}

type Worker struct {
	name       string
	job        *Job
	start      int64
	freeAt     int64
	heartbeats int
}

type Simulation struct {
	db     *DB
	random *Generator
	mail   *MailProvider
}

func (s *Simulation) handle(job Job) (string, error) {
	var payload struct {
		Version int `json:"v"`
	}
	if err := json.Unmarshal([]byte(job.payload), &payload); err != nil {
		return "", &JobError{Reason: "payload is not JSON", Permanent: true}
	}
	if payload.Version != 1 {
		return "", &JobError{fmt.Sprintf("payload version %d", payload.Version), true}
	}
	switch {
	case job.kind == "sync" && job.attempt < 3:
		return "", &JobError{Reason: "503"}
	case job.kind == "thumbnail":
		return "", &JobError{Reason: "500"}
	case job.kind == "receipt" || job.kind == "password":
		outcome := s.mail.Send(fmt.Sprintf("job-%d", job.id))
		if job.kind == "receipt" && job.attempt == 1 {
			return "", errWorkerDied
		}
		return "done, " + outcome, nil
	}
	return "done", nil
}

func (s *Simulation) tick(ctx context.Context, worker *Worker, now int64) error {
	if worker.job == nil {
		if now < worker.freeAt {
			return nil
		}
		return s.claim(ctx, worker, now)
	}
	job := *worker.job
	paused := job.kind == "resize" // the whole process, heartbeat included
	due := now > worker.start && (now-worker.start)%heartbeatEvery == 0
	if due && !paused {
		renewed, err := s.db.Exec(ctx, extend, job.id, job.attempt, now+lease)
		if err != nil {
			return err
		}
		worker.heartbeats += renewed
	}
	if now != worker.freeAt {
		return nil
	}
	outcome, err := settle(ctx, s.db, job, now, s.random.Below, s.handle)
	if errors.Is(err, errWorkerDied) {
		outcome = "mail sent, worker dies"
		worker.freeAt = now + 5 // until the process is back
	} else if err != nil {
		return err
	}
	if worker.heartbeats > 0 {
		outcome += fmt.Sprintf(" after %d heartbeats", worker.heartbeats)
	}
	fmt.Printf("%4d%4d  %-8s%d  %-11s%-9d%s\n", worker.start, now, worker.name, job.id, job.kind, job.attempt, outcome)
	worker.job = nil
	return nil
}

func (s *Simulation) claim(ctx context.Context, worker *Worker, now int64) error {
	rows, err := s.db.Query(ctx, claim, now, now+lease)
	if err != nil || len(rows) == 0 {
		return err
	}
	row := rows[0]
	job := Job{
		id: row.Int(0), kind: row.Text(1), payload: row.Text(2),
		attempt: row.Int(3), maxAttempts: row.Int(4),
	}
	slow := int64(1)
	if job.attempt == 1 && job.kind == "export" {
		slow = 45
	} else if job.attempt == 1 && job.kind == "resize" {
		slow = 40
	}
	worker.job, worker.start, worker.heartbeats = &job, now, 0
	worker.freeAt = now + slow
	return nil
}

func (s *Simulation) run(ctx context.Context) error {
	fmt.Println("   s  to  worker  job          attempt  outcome")
	workers := []*Worker{{name: "A"}, {name: "B"}}
	const openJobs = "SELECT count(*) FROM jobs WHERE state NOT IN ('completed', 'dead')"
	for now := int64(0); ; now++ {
		rows, err := s.db.Query(ctx, openJobs)
		if err != nil || rows[0].Int(0) == 0 {
			return err
		}
		if _, err := s.db.Exec(ctx, reap, now); err != nil {
			return err
		}
		for _, worker := range workers {
			if err := s.tick(ctx, worker, now); err != nil {
				return err
			}
		}
	}
}

func report(ctx context.Context, db *DB, mail *MailProvider) error {
	fmt.Println()
	rows, err := db.Query(ctx, "SELECT state, count(*), sum(attempts) FROM jobs GROUP BY state ORDER BY state")
	if err != nil {
		return err
	}
	for _, row := range rows {
		fmt.Printf("%-11s%d jobs, %d attempts\n", row.Text(0), row.Int(1), row.Int(2))
	}
	rows, err = db.Query(ctx, "SELECT id, last_error FROM jobs WHERE state = 'dead' ORDER BY id")
	if err != nil {
		return err
	}
	var dead []string
	for _, row := range rows {
		dead = append(dead, fmt.Sprintf("job %d: %s", row.Int(0), row.Text(1)))
	}
	fmt.Printf("dead       %s\n", strings.Join(dead, ", "))
	fmt.Printf("mail       %d requests, %d mails\n", mail.requests, len(mail.sent))
	return nil
}

func run(ctx context.Context) (err error) {
	var sessions [2]*DB
	for i := range sessions {
		if sessions[i], err = Connect(ctx); err != nil {
			return err
		}
		defer func() { err = errors.Join(err, sessions[i].Close()) }()
	}
	db := sessions[0]
	if _, err := db.Exec(ctx, schema); err != nil {
		return err
	}
	var inserted [2]int
	for i, scheduler := range sessions {
		if inserted[i], err = scheduler.Exec(ctx, tick, "report 2026-11-21"); err != nil {
			return err
		}
	}
	fmt.Printf("two schedulers, one tick: rows inserted %d and %d\n\n", inserted[0], inserted[1])
	mail := &MailProvider{sent: map[string]bool{}}
	simulation := &Simulation{db, &Generator{7}, mail}
	if err := simulation.run(ctx); err != nil {
		return err
	}
	return report(ctx, db, mail)
}

func main() {
	ctx, cancel := context.WithTimeout(context.Background(), 15*time.Second)
	defer cancel()
	if err := run(ctx); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

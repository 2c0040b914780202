// Tenants share a table; the database adds the tenant to every statement.
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strconv"
	"strings"
	"time"
)

const (
	schema = `
		CREATE ROLE $owner LOGIN;
		CREATE ROLE $app LOGIN;
		GRANT CREATE, USAGE ON SCHEMA public TO $owner;
		GRANT USAGE ON SCHEMA public TO $app;
		CREATE TABLE invoices (
			tenant_id bigint NOT NULL, id bigint NOT NULL, cents integer NOT NULL,
			PRIMARY KEY (tenant_id, id)
		);
		INSERT INTO invoices VALUES (1, 1, 500), (1, 2, 700), (2, 1, 900), (2, 2, 40);
		ALTER TABLE invoices OWNER TO $owner;
		GRANT SELECT, INSERT, UPDATE, DELETE ON invoices TO $app`
	bypassObjects = `
		CREATE VIEW plain_view AS SELECT * FROM invoices;
		CREATE VIEW invoker_view WITH (security_invoker = true) AS SELECT * FROM invoices;
		CREATE FUNCTION definer() RETURNS bigint LANGUAGE sql SECURITY DEFINER
		SET search_path = public, pg_temp RETURN (SELECT count(*) FROM invoices);
		GRANT SELECT ON plain_view, invoker_view TO $app`
	cleanUp = `
		DROP TABLE invoices CASCADE; -- views and functions on it go, too
		DROP OWNED BY $owner, $app;
		DROP ROLE $owner, $app`
	countInvoices = "SELECT count(*) FROM invoices"
)

// --8<-- [start:show]

// Without a WITH CHECK of its own, USING is asked of new rows as well.
const policy = `
	ALTER TABLE invoices ENABLE ROW LEVEL SECURITY;
	ALTER TABLE invoices FORCE ROW LEVEL SECURITY;
	CREATE POLICY tenant ON invoices
	USING (tenant_id = NULLIF(current_setting('app.tenant', true), '')::bigint)`

const notBound = `
	SELECT rolsuper OR rolbypassrls OR pg_has_role(relowner, 'MEMBER')
	FROM pg_roles, pg_class
	WHERE rolname = current_user AND pg_class.oid = 'invoices'::regclass`

// errUnboundRole: policies do not hold for this role, or it could switch them off.
var errUnboundRole = errors.New("row-level security does not bind this role")

// checkRole refuses to start rather than to serve every tenant's rows.
func checkRole(ctx context.Context, db *DB) error {
	rows, err := db.Query(ctx, notBound)
	if err == nil && rows[0].Bool(0) {
		return errUnboundRole
	}
	return err
}

// tenantTx is the only way to the data; the tenant comes from the verified identity.
func tenantTx(ctx context.Context, db *DB, tenant int64, work func() error) error {
	return db.Tx(ctx, func() error {
		const set = "SELECT set_config('app.tenant', $1, true)"
		if _, err := db.Query(ctx, set, strconv.FormatInt(tenant, 10)); err != nil {
			return err
		}
		return work()
	})
}

// --8<-- [end:show]

type roles struct{ owner, app string }

// named puts the roles' names into a script: roles belong to the whole server.
func (r roles) named(script string) string {
	return strings.NewReplacer("$owner", r.owner, "$app", r.app).Replace(script)
}

func connectAs(ctx context.Context, role string) (*DB, error) {
	kept := os.Getenv("PGUSER")
	if err := os.Setenv("PGUSER", role); err != nil {
		return nil, err
	}
	db, err := Connect(ctx)
	return db, errors.Join(err, os.Setenv("PGUSER", kept))
}

func tell(label, outcome string) { fmt.Printf("%-48s%s\n", label, outcome) }

// outcome is what a statement came to: a text, or the SQLSTATE of its refusal.
func outcome(text string, err error) (string, error) {
	var refused *Error
	if errors.As(err, &refused) {
		return refused.Code, nil
	}
	return text, err
}

type step struct {
	label string
	work  func() (string, error)
}

func tellAll(steps []step) error {
	for _, s := range steps {
		text, err := outcome(s.work())
		if err != nil {
			return fmt.Errorf("%s: %w", s.label, err)
		}
		tell(s.label, text)
	}
	return nil
}

func count(ctx context.Context, db *DB, sql string) func() (string, error) {
	return func() (string, error) {
		rows, err := db.Query(ctx, sql)
		if err != nil {
			return "", err
		}
		return fmt.Sprintf("%d rows", rows[0].Int(0)), nil
	}
}

func do(ctx context.Context, db *DB, sql string) func() (string, error) {
	return func() (string, error) {
		_, err := db.Exec(ctx, sql)
		return "done", err
	}
}

func requests(ctx context.Context, app *DB) error {
	read := func(tenant int64) func() (string, error) {
		return func() (text string, err error) {
			err = tenantTx(ctx, app, tenant, func() error {
				rows, err := app.Query(ctx, "SELECT count(*), sum(cents) FROM invoices")
				if err == nil {
					text = fmt.Sprintf("%d rows, %d cents", rows[0].Int(0), rows[0].Int(1))
				}
				return err
			})
			return text, err
		}
	}
	attempt := func(sql string) func() (string, error) {
		return func() (text string, err error) {
			err = tenantTx(ctx, app, 1, func() error {
				changed, err := app.Exec(ctx, sql)
				text = fmt.Sprintf("%d rows", changed)
				return err
			})
			return text, err
		}
	}
	err := tellAll([]step{
		{"no tenant set: read", count(ctx, app, countInvoices)},
		{"tenant 1: read, no WHERE", read(1)},
		{"tenant 2: read, no WHERE", read(2)},
		{
			"tenant 1: change rows of tenant 2",
			attempt("UPDATE invoices SET cents = 0 WHERE tenant_id = 2"),
		},
		{
			"tenant 1: insert for tenant 2",
			attempt("INSERT INTO invoices VALUES (2, 3, 1)"),
		},
		{
			"tenant 1: give a row to tenant 2",
			attempt("UPDATE invoices SET tenant_id = 2, id = 9 WHERE id = 1"),
		},
		{"no tenant set: insert", do(ctx, app, "INSERT INTO invoices VALUES (1, 3, 1)")},
		{"next request on this connection: read", count(ctx, app, countInvoices)},
	})
	if err != nil {
		return err
	}
	if _, err := app.Exec(ctx, "SET app.tenant = '1'"); err != nil {
		return err
	}
	leak := step{"the same after a plain SET: the leak", count(ctx, app, countInvoices)}
	if err := tellAll([]step{leak}); err != nil {
		return err
	}
	if _, err := app.Exec(ctx, "RESET app.tenant"); err != nil {
		return err
	}
	truncate := do(ctx, app, "TRUNCATE invoices")
	return tellAll([]step{{"TRUNCATE, which asks no policy", truncate}})
}

func bypasses(ctx context.Context, admin, owner, app *DB, r roles) error {
	fmt.Println("\nNo tenant set, yet:")
	if err := tellAll([]step{{"  the owner, FORCE", count(ctx, owner, countInvoices)}}); err != nil {
		return err
	}
	if _, err := owner.Exec(ctx, "ALTER TABLE invoices NO FORCE ROW LEVEL SECURITY"); err != nil {
		return err
	}
	if err := tellAll([]step{{"  the owner, no FORCE", count(ctx, owner, countInvoices)}}); err != nil {
		return err
	}
	if _, err := owner.Exec(ctx, "ALTER TABLE invoices FORCE ROW LEVEL SECURITY"); err != nil {
		return err
	}
	if _, err := admin.Exec(ctx, r.named(bypassObjects)); err != nil {
		return err
	}
	return tellAll([]step{
		{"  a superuser, even with FORCE", count(ctx, admin, countInvoices)},
		{"  service: a superuser's view", count(ctx, app, "SELECT count(*) FROM plain_view")},
		{
			"  service: the view with security_invoker",
			count(ctx, app, "SELECT count(*) FROM invoker_view"),
		},
		{"  service: a SECURITY DEFINER function", count(ctx, app, "SELECT definer()")},
	})
}

func withRoles(ctx context.Context, admin *DB, r roles) (err error) {
	owner, err := connectAs(ctx, r.owner)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, owner.Close()) }()
	app, err := connectAs(ctx, r.app)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, app.Close()) }()
	if _, err := owner.Exec(ctx, policy); err != nil {
		return err
	}
	for _, each := range []struct {
		name string
		db   *DB
	}{{"superuser", admin}, {"owner", owner}, {"service", app}} {
		err := checkRole(ctx, each.db)
		switch {
		case errors.Is(err, errUnboundRole):
			tell("start-up check as "+each.name, "refused")
		case err != nil:
			return err
		default:
			tell("start-up check as "+each.name, "starts")
		}
	}
	fmt.Println()
	if err := requests(ctx, app); err != nil {
		return err
	}
	return bypasses(ctx, admin, owner, app, r)
}

func run(ctx context.Context) (err error) {
	database := os.Getenv("PGDATABASE")
	r := roles{owner: database + "_owner", app: database + "_app"}
	admin, err := Connect(ctx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, admin.Close()) }()
	if _, err := admin.Exec(ctx, r.named(schema)); err != nil {
		return err
	}
	err = withRoles(ctx, admin, r)
	_, cleaned := admin.Exec(ctx, r.named(cleanUp))
	return errors.Join(err, cleaned)
}

func main() {
	ctx, cancel := context.WithTimeout(context.Background(), 15*time.Second)
	defer cancel()
	if err := run(ctx); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// Run GraphQL queries over a table and count the SQL statements they need.
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
)

const (
	maxTokens = 1000
	maxDepth  = 6
	maxCost   = 1000 // objects that one answer may hold
	maxFirst  = 50
)

type Field struct {
	Alias, Name string
	First       int
	Selection   []*Field
}

// Kind is the type of a field: an object, or a list of objects; scalars have none.
type Kind struct {
	Of   string
	Many bool
}

var schema = map[string]map[string]*Kind{
	"Query": {"users": {"User", true}, "posts": {"Post", true}},
	"User":  {"name": nil, "posts": {"Post", true}},
	"Post":  {"title": nil, "author": {"User", false}, "reviewer": {"User", false}},
}

// QueryError says why a query is refused; nothing has been executed.
type QueryError struct{ reason string }

func (e QueryError) Error() string { return e.reason }

func refuse(format string, arguments ...any) error {
	return QueryError{fmt.Sprintf(format, arguments...)}
}

var (
	lexer  = regexp.MustCompile(`\w+|[^\s\w]`)
	name   = regexp.MustCompile(`^[a-z]\w*$`)
	number = regexp.MustCompile(`^\d{1,9}$`)
)

// Parser knows selections, aliases and the argument first: a small part of GraphQL.
type Parser struct {
	tokens []string
	err    error
}

func (p *Parser) next() string {
	if len(p.tokens) == 0 || p.err != nil {
		return ""
	}
	return p.tokens[0]
}

func (p *Parser) take(fits func(string) bool) string {
	token := p.next()
	if p.err == nil && !fits(token) {
		p.err = refuse("unexpected %q", token)
	}
	if p.err != nil {
		return ""
	}
	p.tokens = p.tokens[1:]
	return token
}

func (p *Parser) takeAll(literals ...string) {
	for _, literal := range literals {
		p.take(func(token string) bool { return token == literal })
	}
}

func (p *Parser) selection() (fields []*Field) {
	p.takeAll("{")
	for p.err == nil && p.next() != "}" {
		alias := p.take(name.MatchString)
		node := &Field{Alias: alias, Name: alias, First: 10}
		if p.next() == ":" {
			p.takeAll(":")
			node.Name = p.take(name.MatchString)
		}
		if p.next() == "(" {
			p.takeAll("(", "first", ":")
			node.First, _ = strconv.Atoi(p.take(number.MatchString)) // nine digits fit
			p.takeAll(")")
		}
		if p.next() == "{" {
			node.Selection = p.selection()
		}
		fields = append(fields, node)
	}
	p.takeAll("}")
	return fields
}

type User struct {
	ID   int
	Name string
}

type Post struct {
	ID                 int
	Title              string
	AuthorID, Reviewer int // a reviewer of 0 is none
}

// Database is two tables in memory and a log of the statements it was sent.
type Database struct {
	Log   []string
	Users []*User
	Posts []*Post
}

func newDatabase() *Database {
	db := &Database{}
	for n := 1; n <= 50; n++ {
		db.Users = append(db.Users, &User{n, fmt.Sprintf("user %d", n)})
	}
	for n := 1; n <= 200; n++ {
		post := &Post{n, fmt.Sprintf("post %d", n), (n-1)%50 + 1, n%50 + 1}
		if n == 2 {
			post.AuthorID = 99 // was deleted
		}
		if n%3 == 0 {
			post.Reviewer = 0
		}
		db.Posts = append(db.Posts, post)
	}
	return db
}

func (db *Database) log(format string, arguments ...any) {
	db.Log = append(db.Log, fmt.Sprintf(format, arguments...))
}

func (db *Database) FirstUsers(_ context.Context, first int) ([]*User, error) {
	db.log("users LIMIT %d", first)
	return db.Users[:min(first, len(db.Users))], nil
}

func (db *Database) FirstPosts(_ context.Context, first int) ([]*Post, error) {
	db.log("posts LIMIT %d", first)
	return db.Posts[:min(first, len(db.Posts))], nil
}

func joined(ids []int) string {
	return strings.Trim(strings.ReplaceAll(fmt.Sprint(ids), " ", ", "), "[]")
}

func (db *Database) UsersByID(_ context.Context, ids []int) (map[int]*User, error) {
	found := make(map[int]*User, len(ids))
	var order []int
	for _, user := range slices.Backward(db.Users) {
		if slices.Contains(ids, user.ID) {
			found[user.ID] = user
			order = append(order, user.ID)
		}
	}
	db.log("users WHERE id IN (%s), rows come as %s", joined(ids), joined(order))
	return found, nil
}

func (db *Database) PostsOf(
	_ context.Context, ids []int, first int,
) (map[int][]*Post, error) {
	db.log("posts WHERE author_id IN (%s), %d for each", joined(ids), first)
	found := make(map[int][]*Post, len(ids))
	for _, post := range db.Posts {
		mine := found[post.AuthorID]
		if slices.Contains(ids, post.AuthorID) && len(mine) < first {
			found[post.AuthorID] = append(mine, post)
		}
	}
	return found, nil
}

// --8<-- [start:show]

// Thunk is a value that is asked for now and needed later.
type Thunk[V any] func() (V, error)

// DataLoader collects the keys of one level, asks once, remembers for one request.
type DataLoader[V any] struct {
	batch func(context.Context, []int) (map[int]V, error)
	cache map[int]Thunk[V]
	queue []int
}

func (l *DataLoader[V]) Load(ctx context.Context, key int) Thunk[V] {
	if _, known := l.cache[key]; !known {
		l.queue = append(l.queue, key)
		l.cache[key] = func() (V, error) { // the first to need a value asks for all
			l.dispatch(ctx)
			return l.cache[key]()
		}
	}
	return func() (V, error) { return l.cache[key]() }
}

func (l *DataLoader[V]) dispatch(ctx context.Context) {
	keys := l.queue
	l.queue = nil
	found, err := l.batch(ctx, keys) // one statement
	for _, key := range keys {
		l.cache[key] = func() (V, error) { return found[key], err } // by key
	}
}

// cost counts the objects the answer may hold; aliases count as what they are.
func cost(fields []*Field, kind string) (total int) {
	for _, node := range fields {
		if child := schema[kind][node.Name]; child != nil {
			times := 1
			if child.Many {
				times = node.First
			}
			total += times * (1 + cost(node.Selection, child.Of))
		}
	}
	return total
}

// --8<-- [end:show]

func depth(fields []*Field) (levels int) {
	for _, node := range fields {
		levels = max(levels, 1+depth(node.Selection))
	}
	return levels
}

// refuseExcess runs after validation and before the first resolver.
func refuseExcess(fields []*Field) error {
	if levels := depth(fields); levels > maxDepth { // else cost could overflow
		return refuse("depth %d, limit %d", levels, maxDepth)
	}
	if total := cost(fields, "Query"); total > maxCost {
		return refuse("cost %d, limit %d", total, maxCost)
	}
	return nil
}

// Batched is what resolvers read from: one for each request, never shared.
type Batched struct {
	*Database
	users *DataLoader[*User]
	posts map[int]*DataLoader[[]*Post] // the argument is part of the key
}

func (b *Batched) User(ctx context.Context, id int) Thunk[*User] {
	return b.users.Load(ctx, id)
}

func (b *Batched) PostsBy(ctx context.Context, author, first int) Thunk[[]*Post] {
	if b.posts[first] == nil {
		b.posts[first] = newLoader(
			func(ctx context.Context, ids []int) (map[int][]*Post, error) {
				return b.PostsOf(ctx, ids, first)
			})
	}
	return b.posts[first].Load(ctx, author)
}

func newLoader[V any](
	batch func(context.Context, []int) (map[int]V, error),
) *DataLoader[V] {
	return &DataLoader[V]{batch: batch, cache: map[int]Thunk[V]{}}
}

func newBatched(db *Database) *Batched {
	return &Batched{db, newLoader(db.UsersByID), map[int]*DataLoader[[]*Post]{}}
}

// Naive sends a statement for each call.
type Naive struct{ *Database }

func (n Naive) User(ctx context.Context, id int) Thunk[*User] {
	found, err := n.UsersByID(ctx, []int{id})
	return func() (*User, error) { return found[id], err }
}

func (n Naive) PostsBy(ctx context.Context, author, first int) Thunk[[]*Post] {
	found, err := n.PostsOf(ctx, []int{author}, first)
	return func() ([]*Post, error) { return found[author], err }
}

type Data interface {
	FirstUsers(ctx context.Context, first int) ([]*User, error)
	FirstPosts(ctx context.Context, first int) ([]*Post, error)
	User(ctx context.Context, id int) Thunk[*User]
	PostsBy(ctx context.Context, author, first int) Thunk[[]*Post]
}

// NotFound makes its field null; the rest of the answer stays.
type NotFound int

func (e NotFound) Error() string { return fmt.Sprintf("no user %d", int(e)) }

// many turns a thunk of rows into one of objects.
func many[T any](rows Thunk[[]T]) Thunk[any] {
	return func() (any, error) {
		found, err := rows()
		objects := make([]any, len(found))
		for i, row := range found {
			objects[i] = row
		}
		return objects, err
	}
}

func resolve(ctx context.Context, data Data, object any, node *Field) Thunk[any] {
	switch object := object.(type) {
	case nil: // the query itself
		if node.Name == "users" {
			users, err := data.FirstUsers(ctx, node.First)
			return many(func() ([]*User, error) { return users, err })
		}
		posts, err := data.FirstPosts(ctx, node.First)
		return many(func() ([]*Post, error) { return posts, err })
	case *User:
		if node.Name == "posts" {
			return many(data.PostsBy(ctx, object.ID, node.First))
		}
		return func() (any, error) { return object.Name, nil }
	case *Post:
		switch node.Name {
		case "author":
			return person(data.User(ctx, object.AuthorID), NotFound(object.AuthorID))
		case "reviewer":
			if object.Reviewer == 0 {
				return func() (any, error) { return nil, nil }
			}
			return person(data.User(ctx, object.Reviewer), nil)
		}
		return func() (any, error) { return object.Title, nil }
	}
	panic(fmt.Sprintf("no resolver for %T", object))
}

// person turns a thunk of a user into one of an object, or null, or an error.
func person(user Thunk[*User], missing error) Thunk[any] {
	return func() (any, error) {
		found, err := user()
		if err != nil {
			return nil, err
		}
		if found == nil {
			return nil, missing
		}
		return found, nil
	}
}

type Object = map[string]any

// job is a field of one object whose value is still to be found.
type job struct {
	node  *Field
	kind  *Kind
	path  string
	into  Object
	thunk Thunk[any]
}

// execute works level by level: it asks for all values, then needs the first.
func execute(
	ctx context.Context, data Data, fields []*Field,
) (Object, []string, error) {
	var level []job
	var missing []string
	ask := func(object any, kind string, fields []*Field, path string) Object {
		into := Object{}
		for _, node := range fields {
			here := strings.TrimPrefix(path+"."+node.Alias, ".")
			thunk := resolve(ctx, data, object, node)
			level = append(level, job{node, schema[kind][node.Name], here, into, thunk})
		}
		return into
	}
	answer := ask(nil, "Query", fields, "")
	for len(level) > 0 {
		jobs := level
		level = nil
		for _, j := range jobs {
			value, err := j.thunk()
			if notFound := NotFound(0); errors.As(err, &notFound) {
				missing = append(missing, j.path+": "+err.Error())
			} else if err != nil {
				return nil, nil, fmt.Errorf("%s: %w", j.path, err)
			}
			if j.kind == nil || value == nil {
				j.into[j.node.Alias] = value
				continue
			}
			if objects, ok := value.([]any); ok {
				parts := make([]Object, len(objects))
				for i, object := range objects {
					path := fmt.Sprintf("%s.%d", j.path, i)
					parts[i] = ask(object, j.kind.Of, j.node.Selection, path)
				}
				j.into[j.node.Alias] = parts
			} else {
				j.into[j.node.Alias] = ask(value, j.kind.Of, j.node.Selection, j.path)
			}
		}
	}
	return answer, missing, nil
}

func validate(fields []*Field, kind string) error {
	for _, node := range fields {
		child, known := schema[kind][node.Name]
		switch {
		case !known:
			return refuse("%s has no field %s", kind, node.Name)
		case (child == nil) != (len(node.Selection) == 0):
			return refuse("selection of %s does not fit its type", node.Name)
		case node.First < 1 || node.First > maxFirst:
			return refuse("first must be 1 to %d", maxFirst)
		case child != nil:
			if err := validate(node.Selection, child.Of); err != nil {
				return err
			}
		}
	}
	return nil
}

func run(ctx context.Context, query string, data Data) (Object, []string, error) {
	parser := Parser{tokens: lexer.FindAllString(query, -1)}
	if count := len(parser.tokens); count > maxTokens {
		return nil, nil, refuse("%d tokens, limit %d", count, maxTokens)
	}
	fields := parser.selection()
	if parser.err != nil {
		return nil, nil, parser.err
	}
	if err := validate(fields, "Query"); err != nil {
		return nil, nil, err
	}
	if err := refuseExcess(fields); err != nil {
		return nil, nil, err
	}
	return execute(ctx, data, fields)
}

const (
	screen = "{ users(first: %d) { name posts(first: 2) { title author { name } } } }"
	edges  = "{ posts(first: 4) { author { name } reviewer { name } title } }"
)

func nameOf(value any) string {
	if object, ok := value.(Object); ok {
		return object["name"].(string)
	}
	return "null"
}

func demonstrate(ctx context.Context) error {
	fmt.Printf(screen+"\n", 3)
	for _, users := range []int{3, 10, 50} {
		one, two := newDatabase(), newDatabase()
		query := fmt.Sprintf(screen, users)
		naive, _, err := run(ctx, query, Naive{one})
		if err != nil {
			return err
		}
		batched, _, err := run(ctx, query, newBatched(two))
		if err != nil {
			return err
		}
		same := "other data"
		if reflect.DeepEqual(naive, batched) {
			same = "same data"
		}
		fmt.Printf("  %2d users: naive %3d statements, DataLoader %d, %s\n",
			users, len(one.Log), len(two.Log), same)
		if users == 3 {
			fmt.Println("    " + strings.Join(two.Log, "\n    "))
		}
	}

	fmt.Println(edges)
	db := newDatabase()
	answer, missing, err := run(ctx, edges, newBatched(db))
	if err != nil {
		return err
	}
	fmt.Println("    " + db.Log[len(db.Log)-1])
	for i, post := range answer["posts"].([]Object) {
		fmt.Printf("  posts.%d: author %s, reviewer %s\n",
			i, nameOf(post["author"]), nameOf(post["reviewer"]))
	}
	fmt.Println("  error at " + strings.Join(missing, "; "))

	fmt.Println("user 1 is renamed")
	query := "{ posts(first: 1) { author { name } } }"
	shared := newBatched(db)
	if _, _, err := run(ctx, query, shared); err != nil {
		return err
	}
	db.Users[0] = &User{1, "Ada"}
	for _, c := range []struct {
		label string
		data  Data
	}{{"new loader:", newBatched(db)}, {"shared loader:", shared}} {
		answer, _, err := run(ctx, query, c.data)
		if err != nil {
			return err
		}
		fmt.Printf("  %-15s%s\n", c.label, nameOf(answer["posts"].([]Object)[0]["author"]))
	}
	return attack(ctx)
}

func attack(ctx context.Context) error {
	fmt.Printf("limits: %d tokens, depth %d, cost %d\n", maxTokens, maxDepth, maxCost)
	var aliases strings.Builder
	for n := range 60 {
		fmt.Fprintf(&aliases, "a%d: users(first: 20) { name } ", n)
	}
	deep := "{ posts(first: 1) " + strings.Repeat("{ author { posts(first: 1) ", 3) +
		"{ title } " + strings.Repeat("} } ", 3) + "}"
	for _, c := range [][2]string{
		{"posts of their authors, and so on:", deep},
		{
			"lists in lists in lists:",
			"{ users(first: 50) { posts(first: 50) { author { posts { title } } } } }",
		},
		{"60 aliases of 20 users:", "{ " + aliases.String() + "}"},
		{"one field 2000 times:", "{ users { " + strings.Repeat("name ", 2000) + "} }"},
		{"a million users:", "{ users(first: 1000000) { name } }"},
	} {
		db := newDatabase()
		_, _, err := run(ctx, c[1], newBatched(db))
		if refused := (QueryError{}); !errors.As(err, &refused) {
			return fmt.Errorf("%s not refused: %w", c[0], err)
		}
		fmt.Printf("  %-35s%v; %d statements\n", c[0], err, len(db.Log))
	}
	return nil
}

func main() {
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	if err := demonstrate(ctx); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

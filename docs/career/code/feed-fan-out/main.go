// Count what a feed costs by fan-out on write, on read, and by the hybrid.
package main

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

const (
	users, ordinary            = 2_000, 20
	events, ratio, size, speed = 8_000, 40, 10, 100
	never, top                 = 1_000_000_000, 1_000_000_000
)

// Percent of all users who follow famous accounts 0 to 3.
var chance = []int{80, 40, 20, 5}

type random struct{ state int }

func (r *random) below(limit int) int {
	r.state = (r.state*1103515245 + 12345) % (1 << 31)
	return (r.state >> 12) % limit
}

// --8<-- [start:show]

// Feeds sends posts to inboxes; posts of famous accounts wait in the outbox.
type Feeds struct {
	follows, followers, inbox, outbox [][]int
	threshold, written, read, worst   int
}

func (f *Feeds) famous(author int) bool {
	return len(f.followers[author]) >= f.threshold
}

func (f *Feeds) publish(author, post int) {
	f.outbox[author] = append(f.outbox[author], post)
	if f.famous(author) {
		return // readers come for it
	}
	readers := f.followers[author]
	for _, reader := range readers {
		f.inbox[reader] = append(f.inbox[reader], post)
	}
	f.written += len(readers)
	f.worst = max(f.worst, len(readers))
}

func (f *Feeds) page(reader, before, size int) []int {
	older := slices.Clone(f.inbox[reader])
	f.read++
	for _, author := range f.follows[reader] {
		if f.famous(author) {
			older = append(older, f.outbox[author]...)
			f.read++
		}
	}
	older = slices.DeleteFunc(older, func(post int) bool { return post >= before })
	slices.SortFunc(older, func(a, b int) int { return b - a })
	older = slices.Compact(older)
	return older[:min(size, len(older))]
}

// --8<-- [end:show]

func newFeeds(graph [][]int, threshold int) *Feeds {
	n := len(graph)
	f := &Feeds{
		follows: graph, followers: make([][]int, n),
		inbox: make([][]int, n), outbox: make([][]int, n), threshold: threshold,
	}
	for reader, authors := range graph {
		for _, author := range authors {
			f.followers[author] = append(f.followers[author], reader)
		}
	}
	return f
}

func build(r *random) [][]int {
	graph := make([][]int, users)
	for reader := range graph {
		var authors []int
		for author, percent := range chance {
			if r.below(100) < percent {
				authors = append(authors, author)
			}
		}
		for len(authors) < ordinary {
			author := len(chance) + r.below(users-len(chance))
			if author != reader && !slices.Contains(authors, author) {
				authors = append(authors, author)
			}
		}
		graph[reader] = slices.DeleteFunc(authors, func(a int) bool { return a == reader })
	}
	return graph
}

func day(feeds *Feeds, r *random) (posts int, pages [][]int) {
	for range events {
		if r.below(ratio) == 0 {
			posts++
			limit := users
			if r.below(10) == 0 {
				limit = len(chance)
			}
			feeds.publish(r.below(limit), posts)
		} else {
			pages = append(pages, feeds.page(r.below(users), top, size))
		}
	}
	return posts, pages
}

func compare() {
	graph := build(&random{7})
	var first [][]int
	same := "yes"
	for _, threshold := range []int{never, 1000, 300, 50, 0} {
		feeds := newFeeds(graph, threshold)
		posts, pages := day(feeds, &random{11})
		if first == nil {
			first = pages
			fmt.Printf("%d users, %d posts, %d pages of %d\n", users, posts, len(pages), size)
			fmt.Println("pulled from      written  lists read  worst post  ticks to last")
		}
		if !slices.EqualFunc(pages, first, slices.Equal) {
			same = "no"
		}
		name := fmt.Sprint(threshold, " followers")
		switch threshold {
		case never:
			name = "nobody (push)"
		case 0:
			name = "all (pull)"
		}
		ticks := (feeds.worst + speed - 1) / speed
		fmt.Printf("%-15s%9d%12d%12d%15d\n",
			name, feeds.written, feeds.read, feeds.worst, ticks)
	}
	fmt.Println("the same pages every time:", same)
}

func text(posts []int) string {
	if len(posts) == 0 {
		return "-"
	}
	var words []string
	for _, post := range posts {
		words = append(words, strconv.Itoa(post))
	}
	return strings.Join(words, " ")
}

func byOffset(feeds *Feeds, start int) []int {
	all := feeds.page(0, top, 99)
	return all[start : start+4]
}

func judge(name string, pages [][]int) {
	count := map[int]int{}
	for _, post := range slices.Concat(pages...) {
		count[post]++
	}
	var doubled, missed []int
	for post := slices.Min(slices.Concat(pages...)); post < 14; post++ {
		if count[post] == 0 {
			missed = append(missed, post)
		} else if count[post] > 1 {
			doubled = append(doubled, post)
		}
	}
	fmt.Printf("%s: doubled %s, missed %s\n", name, text(doubled), text(missed))
}

func scroll() {
	feeds := newFeeds([][]int{{1, 2}, {}, {}, {2}}, 2) // 2 is famous, 1 is not
	for post := 1; post < 14; post++ {
		if post != 6 { // its fan-out is late
			feeds.publish(1+post%2, post)
		}
	}
	offset, cursor := [][]int{byOffset(feeds, 0)}, [][]int{feeds.page(0, top, 4)}
	fmt.Println("page 1         ", text(cursor[0]))
	feeds.publish(1, 14)
	feeds.publish(2, 15)
	offset = append(offset, byOffset(feeds, 4))
	cursor = append(cursor, feeds.page(0, cursor[0][3], 4))
	fmt.Println("14 and 15 arrive")
	fmt.Println("page 2, offset ", text(offset[1]))
	fmt.Println("page 2, cursor ", text(cursor[1]))
	kept := slices.DeleteFunc(feeds.inbox[0], func(post int) bool { return post == 12 })
	feeds.inbox[0] = append(kept, 6)
	offset = append(offset, byOffset(feeds, 8))
	cursor = append(cursor, feeds.page(0, cursor[1][3], 4))
	fmt.Println("12 is deleted, 6 arrives late")
	fmt.Println("page 3, offset ", text(offset[2]))
	fmt.Println("page 3, cursor ", text(cursor[2]))
	judge("offset", offset)
	judge("cursor", cursor)
	fmt.Println("refresh        ", text(feeds.page(0, top, 10)))
}

func main() {
	compare()
	scroll()
}

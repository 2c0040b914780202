// A leader and its followers: stale reads, own writes, quorums, failover.
package main

import (
	"fmt"
	"slices"
	"strconv"
)

// --8<-- [start:show]

type Entry struct {
	committedAt int // milliseconds
	key, value  string
}

// Follower applies the leader's log in order, each entry lag later.
type Follower struct {
	name    string
	lag     int
	applied int // how many entries of the log
	data    map[string]string
}

func (f *Follower) CatchUp(log []Entry, now int) {
	for f.applied < len(log) && log[f.applied].committedAt+f.lag <= now {
		entry := log[f.applied]
		f.data[entry.key] = entry.value
		f.applied++
	}
}

type Leader struct {
	log  []Entry
	data map[string]string
}

// Write returns the position in the log that a reader must have seen to see this.
func (l *Leader) Write(key, value string, now int) int {
	l.log = append(l.log, Entry{now, key, value})
	l.data[key] = value
	return len(l.log)
}

// Session is what one user has written or read: in a cookie or a session store.
type Session struct{ seen int }

// Read asks the first follower that has applied enough, else the leader.
func (s *Session) Read(key string, l *Leader, followers ...*Follower) (name, value string) {
	for _, f := range followers {
		if f.applied >= s.seen {
			s.seen = f.applied // time does not run backwards either
			return f.name, f.data[key]
		}
	}
	s.seen = len(l.log)
	return "leader", l.data[key]
}

// --8<-- [end:show]

func newLeader() *Leader { return &Leader{data: map[string]string{}} }

func newFollower(name string, lag int) *Follower {
	return &Follower{name: name, lag: lag, data: map[string]string{}}
}

func lagAndSessions() {
	leader, near, far := newLeader(), newFollower("near", 20), newFollower("far", 900)
	leader.Write("bio", "old", 0)
	var mine, other Session
	mine.seen = leader.Write("bio", "new", 1000)
	fmt.Println("near is 20 ms behind, far 900 ms; Ann saves her bio at 1000")
	for _, now := range []int{1005, 1030, 1900} {
		near.CatchUp(leader.log, now)
		far.CatchUp(leader.log, now)
		name, value := mine.Read("bio", leader, far, near)
		fmt.Printf("%d  any replica: near %s, far %s; Ann's session: %s from %s\n",
			now, near.data["bio"], far.data["bio"], value, name)
		if now == 1030 {
			_, first := other.Read("bio", leader, near, far)
			_, again := other.Read("bio", leader, far, near)
			fmt.Printf("      Bob, near first: %s; far first: %s\n", first, again)
		}
	}
}

// choices lists the sets of size members of 0 to n-1, as bits.
func choices(n, size int) []uint {
	var sets []uint
	for set := range uint(1) << n {
		members := 0
		for rest := set; rest > 0; rest &= rest - 1 {
			members++
		}
		if members == size {
			sets = append(sets, set)
		}
	}
	return sets
}

func quorums() {
	fmt.Println("\nreads that meet the latest write, over all choices of replicas")
	for _, c := range []struct{ n, w, r int }{
		{3, 1, 1}, {3, 2, 1}, {3, 2, 2}, {3, 3, 1}, {5, 2, 3}, {5, 3, 3},
	} {
		meet, pairs := 0, 0
		for _, written := range choices(c.n, c.w) {
			for _, read := range choices(c.n, c.r) {
				pairs++
				if written&read != 0 {
					meet++
				}
			}
		}
		verdict := "R+W<=N"
		if c.r+c.w > c.n {
			verdict = "R+W>N"
		}
		fmt.Printf("N=%d W=%d R=%d  %3d of %3d  %s\n", c.n, c.w, c.r, meet, pairs, verdict)
	}
	seen := 0
	for _, read := range choices(3, 2) {
		if read&1 != 0 {
			seen++
		}
	}
	fmt.Printf("N=3 W=2, write failed after 1 replica: %d of 3 reads show it anyway\n", seen)
}

func failover() {
	fmt.Println("\n8 writes, 10 ms apart; the leader dies at 75; followers 30 and 60 ms behind")
	var old *Leader
	var heir *Follower
	for repliesNeeded := range 2 {
		old = newLeader()
		followers := []*Follower{newFollower("f30", 30), newFollower("f60", 60)}
		var confirmed []int
		for number := range 8 {
			now := number * 10
			position := old.Write("count", strconv.Itoa(number), now)
			replies := []int{now}
			for _, f := range followers {
				replies = append(replies, now+f.lag)
			}
			if replies[repliesNeeded] <= 75 {
				confirmed = append(confirmed, position)
			}
		}
		for _, f := range followers {
			f.CatchUp(old.log, 75)
		}
		heir = slices.MaxFunc(followers, func(a, b *Follower) int { return a.applied - b.applied })
		lost := 0
		for _, position := range confirmed {
			if position > heir.applied {
				lost++
			}
		}
		fmt.Printf("wait for %d followers: %d confirmed, %d on the new leader, "+
			"%d confirmed and lost\n", repliesNeeded, len(confirmed), heir.applied, lost)
	}
	fresh := newLeader()
	fresh.log = slices.Clone(old.log[:heir.applied])
	position := 0
	for number := range 3 {
		position = fresh.Write("count", fmt.Sprintf("new %d", number), 200+number)
	}
	fmt.Printf("position %d: old leader %s, new leader %s\n",
		position, old.log[position-1].value, fresh.log[position-1].value)
}

func main() {
	lagAndSessions()
	quorums()
	failover()
}

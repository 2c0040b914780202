// Feature flags: evaluation order, buckets, and a report of stale ones.
package main

import (
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"slices"
	"time"
)

// --8<-- [start:show]

type Rule struct {
	attribute string
	values    []string
	variant   string
}

type Flag struct {
	key, salt string
	rollout   uint32 // in hundredths of a percent, 0 to 10,000
	enabled   bool   // false is the kill switch
	rules     []Rule
}

// bucket returns 0 to 9,999; the same on every machine, in every language, forever.
func bucket(salt, userID string) uint32 {
	digest := sha256.Sum256([]byte(salt + ":" + userID))
	return binary.BigEndian.Uint32(digest[:4]) % 10_000
}

func evaluate(flag Flag, user map[string]string) (variant, reason string) {
	if !flag.enabled {
		return "off", "DISABLED"
	}
	for _, rule := range flag.rules { // the first that matches decides
		if slices.Contains(rule.values, user[rule.attribute]) {
			return rule.variant, "TARGETING_MATCH"
		}
	}
	id, known := user["id"]
	if !known {
		return "off", "DEFAULT"
	}
	if bucket(flag.salt, id) < flag.rollout {
		return "on", "SPLIT"
	}
	return "off", "SPLIT"
}

// --8<-- [end:show]

// Record is what the flag service knows about a flag besides its rules.
type Record struct {
	key, kind, owner            string
	expires, changed, evaluated time.Time
	rollout                     uint32
}

var today = time.Date(2026, time.November, 21, 0, 0, 0, 0, time.UTC)

func day(year, month, day int) time.Time {
	return time.Date(year, time.Month(month), day, 0, 0, 0, 0, time.UTC)
}

func daysSince(t time.Time) int { return int(today.Sub(t).Hours()) / 24 }

func stale(r Record) string {
	unread, settled := daysSince(r.evaluated), daysSince(r.changed)
	switch {
	case unread > 30:
		return fmt.Sprintf("not evaluated for %d days: delete it from the service", unread)
	case r.kind == "ops" || r.kind == "permission":
		return "" // meant to stay
	case (r.rollout == 0 || r.rollout == 10_000) && settled > 30:
		state := "off"
		if r.rollout > 0 {
			state = "on"
		}
		return fmt.Sprintf("%s for all for %d days: remove the branch", state, settled)
	case !r.expires.IsZero() && r.expires.Before(today):
		return fmt.Sprintf("expired %d days ago: decide", daysSince(r.expires))
	}
	return ""
}

var records = []Record{
	{"new-checkout", "release", "checkout", day(2026, 12, 31), day(2026, 11, 18), today, 500},
	{"search-v2", "release", "search", day(2026, 7, 1), day(2026, 6, 20), today, 10_000},
	{"button-text", "experiment", "growth", day(2026, 11, 1), day(2026, 10, 11), today, 5000},
	{"legacy-export", "release", "data", day(2026, 3, 1), day(2026, 2, 2), day(2026, 8, 30), 0},
	{"stop-payouts", "ops", "payments", time.Time{}, day(2025, 4, 9), today, 0},
}

func on(flag Flag) map[int]bool {
	users := map[int]bool{}
	for n := range 10_000 {
		variant, _ := evaluate(flag, map[string]string{"id": fmt.Sprintf("user-%d", n)})
		if variant == "on" {
			users[n] = true
		}
	}
	return users
}

func both(a, b map[int]bool) int {
	count := 0
	for user := range a {
		if b[user] {
			count++
		}
	}
	return count
}

func main() {
	staff := Rule{"group", []string{"staff", "beta"}, "on"}
	blocked := Rule{"country", []string{"NO"}, "off"}
	flag := Flag{"new-checkout", "a1f3", 500, true, []Rule{staff, blocked}}
	killed := flag
	killed.enabled = false
	for _, row := range []struct {
		name string
		flag Flag
		user map[string]string
	}{
		{"staff member", flag, map[string]string{"id": "ada", "group": "staff", "country": "NO"}},
		{"customer in NO", flag, map[string]string{"id": "user-7", "country": "NO"}},
		{"user-7", flag, map[string]string{"id": "user-7"}},
		{"user-4", flag, map[string]string{"id": "user-4"}},
		{"visitor without id", flag, map[string]string{}},
		{"staff, flag killed", killed, map[string]string{"id": "ada", "group": "staff"}},
	} {
		variant, reason := evaluate(row.flag, row.user)
		place := ""
		if reason == "SPLIT" {
			place = fmt.Sprint(" bucket ", bucket(flag.salt, row.user["id"]))
		}
		fmt.Printf("%-20s%-5s%s%s\n", row.name, variant, reason, place)
	}

	fmt.Println("the percentage grows, 10,000 users")
	var before map[int]bool
	for _, rollout := range []uint32{5, 100, 500, 2500} {
		wider := flag
		wider.rollout = rollout
		now := on(wider)
		lost := len(before) - both(before, now)
		fmt.Printf("%7.2f%% %6d on, %d lost it\n", float64(rollout)/100, len(now), lost)
		before = now
	}

	half := flag
	half.rollout = 5000
	twin, apart := half, half
	twin.key, apart.key, apart.salt = "other", "other", "9c07"
	first := on(half)
	fmt.Printf("two flags at 50%%: on in both %d with one salt, %d with two\n",
		both(first, on(twin)), both(first, on(apart)))

	fmt.Println("stale flags on", today.Format(time.DateOnly))
	for _, record := range records {
		if why := stale(record); why != "" {
			fmt.Printf("  %-14s%-8s%s\n", record.key, record.owner, why)
		}
	}
}

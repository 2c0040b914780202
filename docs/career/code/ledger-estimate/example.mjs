// Back-of-the-envelope figures of a payment ledger, in integers only.

// --8<-- [start:show]
const ACCOUNTS = 20_000_000;
const PAYMENTS_A_DAY = 8_000_000; // hold (2 entries), then capture (4 entries)
const TOP_UPS_A_DAY = 2_000_000; // by card: one transfer, when the outcome is known
const PAYOUTS_A_DAY = 500_000; // to a bank: one transfer to transit, one at the end
const PEAK = 8; // times the average, sale evenings
const READS = 10; // balances and statements per payment
const ENTRY_BYTES = 150; // row with its share of two indexes
const TRANSFER_BYTES = 400; // row, key, request, indexes
const BALANCE_BYTES = 200; // per account: wallet and held money, with index
const MESSAGE_BYTES = 1_000;
const COMMITS = 5_000; // a second, one primary with a synchronous standby: measure!
const LOCK_MS = 5; // a balance row stays locked until its commit is safe
const BUSY_MS = 8; // a connection is busy with one transfer
const TIMEOUTS = 1_000; // one provider call in so many ends without an answer
const MINUTES = 5; // a person needs for one unknown outcome

// Every product stays far below 2 ** 53, so the integers are exact.
const down = (a, b) => Math.floor(a / b);
const up = (a, b) => Math.ceil(a / b);

const atPeak = (aDay) => down(aDay * PEAK, 86_400);

const transfers = PAYMENTS_A_DAY * 2 + TOP_UPS_A_DAY + PAYOUTS_A_DAY * 2;
const entries = PAYMENTS_A_DAY * 6 + TOP_UPS_A_DAY * 2 + PAYOUTS_A_DAY * 4;
const peak = atPeak(PAYMENTS_A_DAY);
const commits = atPeak(transfers);
const requests = commits + peak * READS;
const day = entries * ENTRY_BYTES + transfers * TRANSFER_BYTES;
const oneRow = down(1_000, LOCK_MS);
const cardRow = atPeak(TOP_UPS_A_DAY); // what the card provider owes us
const unknown = down(TOP_UPS_A_DAY + PAYOUTS_A_DAY, TIMEOUTS);
// At 10x there are shards, and a capture from one to another is two transfers.
const sharded = atPeak(10 * (transfers + PAYMENTS_A_DAY));
// --8<-- [end:show]

const MEGA = 10 ** 6;
const GIGA = 10 ** 9;
const TERA = 10 ** 12;
const share = `${down(commits * 100, COMMITS)} % of one primary`;
const ofRow = `${down(cardRow * 100, oneRow)} % of one row`;

const ROWS = [
  ["Payments, average", down(PAYMENTS_A_DAY, 86_400), "/s", ""],
  ["Payments, peak", peak, "/s", ""],
  ["Transfers, peak", commits, "/s", share],
  ["Entries, peak", atPeak(entries), "/s", "small rows, append only"],
  ["Requests, peak", requests, "/s", "most of them reads"],
  [
    "Bandwidth, peak",
    down(requests * MESSAGE_BYTES, MEGA),
    "MB/s",
    "no matter",
  ],
  ["Connections posting", up(commits * BUSY_MS, 1_000), "", "a pool of 40"],
  ["Rows of a day", down(entries + transfers, MEGA), "M", ""],
  ["Storage of a day", down(day, GIGA), "GB", "partition by month"],
  ["Storage of 90 days", down(day * 90, GIGA), "GB", "stays on the primary"],
  [
    "Storage of five years",
    down(day * 365 * 5, TERA),
    "TB",
    "archive, by month",
  ],
  [
    "Balances",
    down(ACCOUNTS * BALANCE_BYTES, GIGA),
    "GB",
    "in memory, no cache",
  ],
  ["Postings on one row", oneRow, "/s", `the fee row needs ${peak}`],
  ["Card account, peak", cardRow, "/s", ofRow],
  ["Slots for the fee row", up(peak * 2, oneRow), "", "twice the peak"],
  ["Unknown outcomes a day", unknown, "", ""],
  [
    "Resolved by hand",
    down(unknown * MINUTES, 60),
    "h/day",
    "so a program does it",
  ],
  ["At 10x: transfers, peak", sharded, "/s", "a capture counts twice"],
  ["At 10x: shards", up(sharded * 2, COMMITS), "", "at half their capacity"],
];

const grouped = new Intl.NumberFormat("en-US");
for (const [name, value, unit, why] of ROWS) {
  const figure = grouped.format(value).padStart(8);
  console.log(`${name.padEnd(26)}${figure} ${unit.padEnd(6)}${why}`.trimEnd());
}

// Reading an A/B test: significance, sample ratio, sample size, peeking.

// JavaScript has no erfc; a rational fit, relative error below 1.2e-7.
const FIT = [
  -1.26551223, 1.00002368, 0.37409196, 0.09678418, -0.18628806, 0.27886807,
  -1.13520398, 1.48851587, -0.82215223, 0.17087277,
];

function erfc(x) {
  const t = 1 / (1 + x / 2);
  const fit = FIT.reduceRight((sum, factor) => sum * t + factor, 0);
  return t * Math.exp(-x * x + fit);
}

// --8<-- [start:show]
const group = (users, converted) => ({
  users,
  converted,
  rate: converted / users,
});

/** Two proportions; under "no difference" both share the pooled rate. */
function zScore(a, b) {
  const pooled = (a.converted + b.converted) / (a.users + b.users);
  const error = Math.sqrt(pooled * (1 - pooled) * (1 / a.users + 1 / b.users));
  return (b.rate - a.rate) / error;
}

/** How often chance alone gives a difference this large, either way. */
const pValue = (z) => erfc(Math.abs(z) / Math.SQRT2);

/** 95 percent confidence interval of the difference. */
function interval(a, b) {
  const variance = ({ rate, users }) => (rate * (1 - rate)) / users;
  const error = Math.sqrt(variance(a) + variance(b));
  const gap = b.rate - a.rate;
  return [gap - 1.96 * error, gap + 1.96 * error];
}

/** Chi-square with one degree of freedom: is the split the planned one? */
function sampleRatio(a, b, shareA) {
  const expectA = (a + b) * shareA;
  const expectB = (a + b) * (1 - shareA);
  const chi2 = (a - expectA) ** 2 / expectA + (b - expectB) ** 2 / expectB;
  return [chi2, erfc(Math.sqrt(chi2 / 2))];
}

/** Users a variant: 5 percent false alarms, 80 percent power. */
function sampleSize(base, target) {
  const spread = base * (1 - base) + target * (1 - target);
  return Math.ceil(
    ((1.959964 + 0.841621) ** 2 * spread) / (target - base) ** 2,
  );
}
// --8<-- [end:show]

class Dice {
  #x;
  constructor(seed) {
    this.#x = seed;
  }
  /** How many of `users` convert at a rate of 20 percent. */
  converted(users) {
    let count = 0;
    for (let n = 0; n < users; n++) {
      this.#x = (Math.imul(this.#x, 1103515245) + 12345) & 0x7fffffff;
      if ((this.#x >> 8) % 100 < 20) count++;
    }
    return count;
  }
}

/** The z score at each look; 100 more users a variant between two looks. */
function experimentWithoutDifference(dice, looks) {
  const scores = [];
  let a = 0;
  let b = 0;
  for (let look = 1; look <= looks; look++) {
    a += dice.converted(100);
    b += dice.converted(100);
    scores.push(Math.abs(zScore(group(100 * look, a), group(100 * look, b))));
  }
  return scores;
}

const percent = (rate) => (100 * rate).toFixed(2);
const signed = (rate) => (rate < 0 ? "" : "+") + percent(rate);

function show(title, a, b) {
  const z = zScore(a, b);
  const [low, high] = interval(a, b);
  console.log(title);
  console.log(
    `  ${percent(a.rate)}% against ${percent(b.rate)}%` +
      `  z ${z.toFixed(2)}  p ${pValue(z).toFixed(4)}` +
      `  difference ${signed(low)} to ${signed(high)} points`,
  );
}

show("25,000 users a variant", group(25_000, 1000), group(25_000, 1100));
show("2,500 users a variant", group(2500, 100), group(2500, 110));
console.log("planned 50:50");
for (const [a, b] of [
  [25_000, 24_870],
  [25_000, 24_100],
]) {
  const [chi2, p] = sampleRatio(a, b, 0.5);
  const verdict = p < 0.001 ? "do not read the result" : "fits";
  console.log(
    `  ${a} and ${b}  chi-square ${chi2.toFixed(2).padStart(5)}` +
      `  p ${p.toFixed(6)}  ${verdict}`,
  );
}
console.log("users a variant to find a change from 4.00%");
for (const target of [0.05, 0.044, 0.042]) {
  const size = String(sampleSize(0.04, target)).padStart(7);
  console.log(`  to ${percent(target)}%  ${size}`);
}
const dice = new Dice(2026);
const runs = Array.from({ length: 1000 }, () =>
  experimentWithoutDifference(dice, 10),
);
const winners = (judge) => String(runs.filter(judge).length).padStart(5);
console.log("1,000 experiments without any difference, winners declared");
console.log(
  `  one look at the end, limit 1.96   ${winners((run) => run.at(-1) > 1.96)}`,
);
console.log(
  `  ten looks, limit 1.96             ${winners((run) => Math.max(...run) > 1.96)}`,
);
console.log(
  `  ten looks, limit 2.555 (Pocock)   ${winners((run) => Math.max(...run) > 2.555)}`,
);

// Deliver chat messages over lossy connections: no gap, no double, one order.

// --8<-- [start:show]
/** The server's half: one place for each message, one row for each place. */
class Conversation {
  log = [];
  places = new Map();

  append(user, clientId, text) {
    const key = JSON.stringify([user, clientId]);
    const place = this.places.get(key);
    if (place !== undefined) return [place, false]; // the first answer again
    this.log.push(text); // both in one transaction
    this.places.set(key, this.log.length);
    return [this.log.length, true];
  }

  after(place) {
    return this.log.slice(place);
  }
}

/** The client's half: show place n only after place n - 1. */
class Device {
  last = 0;
  shown = [];

  constructor(name) {
    this.name = name;
  }

  receive(place, text, server) {
    if (place <= this.last) return "known, dropped";
    if (place > this.last + 1) {
      return `gap after ${this.last}, ${this.catchUp(server)}`;
    }
    this.shown.push(text);
    this.last = place;
    return "shown";
  }

  catchUp(server) {
    const fetched = ["fetched"];
    for (const text of server.after(this.last)) {
      this.receive(this.last + 1, text, server);
      fetched.push(this.last);
    }
    return fetched.join(" ");
  }
}
// --8<-- [end:show]

/** One number for a user and conversation, over all devices. */
class ReadPositions {
  read = new Map();

  markRead(user, place) {
    this.read.set(user, Math.max(place, this.read.get(user) ?? 0));
    return this.read.get(user);
  }
}

class Phone extends Device {
  /** Pending, drawn below the rest until the server gives it a place. */
  typed() {}

  acknowledged(place, text, server) {
    return this.receive(place, text, server);
  }
}

class NaiveConversation extends Conversation {
  append(_user, _clientId, text) {
    this.log.push(text);
    return [this.log.length, true];
  }
}

/** Shows its own message when typed, and others as they come. */
class NaivePhone extends Phone {
  typed(text) {
    this.shown.push(text);
  }

  acknowledged() {
    return "sent";
  }

  receive(_place, text) {
    this.shown.push(text);
    return "shown";
  }

  catchUp() {
    return "live messages only";
  }
}

/** The same script for both kinds of server and device. */
class Play {
  lines = [];

  constructor(server, Kind) {
    this.server = server;
    this.ada = new Kind("ada");
    this.phone = new Kind("phone");
    this.laptop = new Kind("laptop");
  }

  post(clientId, text, to, { ack = true, lost = "" } = {}) {
    const sender = clientId.startsWith("a") ? this.ada : this.phone;
    const { server } = this;
    const [place, isNew] = server.append(sender.name, clientId, text);
    const parts = [
      `${clientId} ${text.padEnd(8)} ${isNew ? "is" : "was"} ${place}`,
    ];
    if (ack) {
      const outcome = sender.acknowledged(place, text, server);
      parts.push(`${sender.name}: ${outcome}`);
    } else {
      parts.push("acknowledgment lost");
    }
    // Again after a repetition: the first push may be lost.
    for (const device of to) {
      parts.push(`${device.name}: ${device.receive(place, text, server)}`);
    }
    if (lost) parts.push(lost);
    this.lines.push(parts.join(" | "));
  }

  run() {
    const { ada, phone, laptop, server, lines } = this;
    ada.typed("Lunch?");
    this.post("a1", "Lunch?", [phone, laptop]);
    lines.push("laptop loses its connection");
    ada.typed("At noon?");
    this.post("a2", "At noon?", [phone], { ack: false });
    this.post("a2", "At noon?", [phone]);
    phone.typed("Yes");
    ada.typed("Where?");
    this.post("b1", "Yes", [], { lost: "ada: on its way" });
    this.post("a3", "Where?", [], { lost: "phone: lost" });
    lines.push(`3 arrives | ada: ${ada.receive(3, "Yes", server)}`);
    phone.typed("Station");
    this.post("b2", "Station", [ada]);
    lines.push(
      `laptop is back after ${laptop.last} | ${laptop.catchUp(server)}`,
    );
    return [ada, phone, laptop];
  }
}

function show(devices) {
  for (const { name, shown } of devices) {
    console.log(`${name.padEnd(7)} ${shown.join(" / ")}`);
  }
}

console.log("Naive: no numbers, no client ids, live messages only");
show(new Play(new NaiveConversation(), NaivePhone).run());
console.log("\nNumbered: ada is Ada's phone; phone and laptop are Bob's");
const play = new Play(new Conversation(), Phone);
const devices = play.run();
console.log(play.lines.join("\n"));
const positions = new ReadPositions();
const first = positions.markRead("bob", 5);
const late = positions.markRead("bob", 4);
console.log(
  `Bob read up to | laptop says 5: ${first} | phone says 4, late: ${late}`,
);
show(devices);

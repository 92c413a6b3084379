// Bug: only the one who came last hears who comes in.
// Loses: join-notice
// Chat server: every client is an object, and the module readline cuts the lines.
const { createServer } = require('net');
const { createInterface } = require('readline');

class Client {
  static all = [];

  constructor(socket) {
    this.socket = socket;
    this.name = null;
    this.send('name?');
    const input = createInterface({ input: socket, crlfDelay: Infinity });
    input.on('line', (line) => {
      if (!socket.writableEnded) this.receive(line);
    });
    input.on('error', () => {}); // a reset; 'close' comes next
    socket.on('close', () => this.leave());
    socket.on('end', () => this.leave());
  }

  send(line) {
    this.socket.write(`${line}\n`);
  }

  tellOthers(line) {
    Client.all.filter((other) => other !== this).forEach((other) => other.send(line));
  }

  join(name) {
    const good = /^\w{1,20}$/.test(name);
    if (!good || Client.all.some((other) => other.name === name)) {
      this.send(good ? 'refused: taken' : 'refused: 1 to 20 letters, digits or _');
      this.socket.end();
      return;
    }
    this.name = name;
    this.send('welcome ' + name);
    Client.all.slice(-1).forEach((last) => last.send(`* ${name} joined`));
    Client.all.push(this);
  }

  leave() {
    if (Client.all.includes(this)) {
      Client.all = Client.all.filter((other) => other !== this);
      this.tellOthers(`* ${this.name} left`);
    }
  }

  receive(line) {
    if (this.name === null) {
      this.join(line);
      return;
    }
    if (!line.startsWith('/')) {
      if (line) this.tellOthers(`${this.name}: ${line}`);
      return;
    }
    switch (line) {
      case '/who':
        this.send('* here: ' + Client.all.map((c) => c.name).sort().join(', '));
        break;
      case '/away':
      case '/back':
        this.tellOthers(`* ${this.name} is ${line.substring(1)}`);
        break;
      case '/quit':
        this.leave();
        this.socket.end();
        break;
      default:
        this.send('unknown: ' + line);
    }
  }
}

createServer((socket) => new Client(socket)).listen(parseInt(process.argv[2]));

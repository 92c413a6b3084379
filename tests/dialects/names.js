// What comes first is the name; lines; /quit ends it.
const net = require('net');
const people = new Map();
const tell = (text, but) => people.forEach((name, sock) => sock !== but && sock.write(text));

net.createServer((sock) => {
  let rest = '';
  sock.write('Enter your name: ');
  sock.on('data', (data) => {
    rest += data.toString();
    const lines = rest.split('\n');
    rest = lines.pop();
    for (const line of lines.map((l) => l.trim())) {
      if (!people.has(sock)) {
        people.set(sock, line);
        tell(`${line} joined the chat\n`, sock);
      } else if (line === '/quit') {
        sock.end();
      } else {
        tell(`${people.get(sock)}: ${line}\n`, sock);
      }
    }
  });
  sock.on('error', () => {});
  sock.on('close', () => {
    const name = people.get(sock);
    people.delete(sock);
    if (name) tell(`${name} left the chat\n`);
  });
}).listen(3001, '127.0.0.1');

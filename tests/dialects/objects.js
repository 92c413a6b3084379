// JSON without any end: one object for each packet.
const net = require('net');
const people = new Map();
const tell = (object, but) => people.forEach((name, sock) => sock !== but && sock.write(JSON.stringify(object)));

net.createServer((sock) => {
  sock.on('data', (data) => {
    let message;
    try {
      message = JSON.parse(data.toString());
    } catch (e) {
      return;
    }
    if (message.kind === 'hello') {
      people.set(sock, message.nickname);
      tell({ kind: 'joined', nickname: message.nickname }, sock);
    } else if (message.kind === 'say' && people.has(sock)) {
      tell({ kind: 'say', from: people.get(sock), words: message.words }, sock);
    }
  });
  sock.on('error', () => {});
  sock.on('close', () => {
    const name = people.get(sock);
    people.delete(sock);
    if (name) tell({ kind: 'left', nickname: name });
  });
}).listen(3002, '127.0.0.1');

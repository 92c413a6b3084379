// Good: Node's net module: one thread with callbacks, text as latin1 so that every byte comes out as it went in.
'use strict';
const net = require('net');

const MOST = 1 << 21; // bytes that may wait for a client
const members = new Map(); // name -> socket

function tell(socket, line) {
  if (socket.writableEnded || socket.destroyed) return;
  socket.write(line + '\n', 'latin1');
  if (socket.writableLength > MOST) socket.destroy();
}

function others(author, line) {
  for (const socket of members.values()) if (socket !== author) tell(socket, line);
}

function join(socket, name) {
  if (!/^[A-Za-z0-9_]{1,20}$/.test(name) || members.has(name)) {
    tell(socket, 'refused: ' + (members.has(name) ? 'somebody has this name' : 'this is no name'));
    socket.end();
    return;
  }
  socket.name = name;
  members.set(name, socket);
  tell(socket, 'welcome ' + name);
  others(socket, `* ${name} joined`);
}

function leave(socket) {
  if (socket.name && members.get(socket.name) === socket) {
    members.delete(socket.name);
    others(socket, `* ${socket.name} left`);
  }
  socket.end();
}

function obey(socket, line) {
  if (!socket.name) return join(socket, line);
  if (line === '/quit') return leave(socket);
  if (line === '/who') return tell(socket, '* here: ' + [...members.keys()].sort().join(', '));
  if (line === '/away' || line === '/back') return others(socket, `* ${socket.name} is ${line.slice(1)}`);
  if (line.startsWith('/')) return tell(socket, 'unknown: ' + line);
  if (line) others(socket, `${socket.name}: ${line}`);
}

const server = net.createServer({ allowHalfOpen: true, noDelay: true }, (socket) => {
  let rest = '';
  socket.setEncoding('latin1');
  tell(socket, 'name?');
  socket.on('data', (data) => {
    const lines = (rest + data).split('\n');
    rest = lines.pop();
    for (const line of lines) {
      if (socket.writableEnded || socket.destroyed) return;
      obey(socket, line.endsWith('\r') ? line.slice(0, -1) : line);
    }
    if (rest.length > 4096) leave(socket);
  });
  socket.on('end', () => leave(socket));
  socket.on('close', () => leave(socket));
  socket.on('error', () => leave(socket)); // a reset: 'close' follows
});

server.listen(Number(process.argv[2]), '127.0.0.1');

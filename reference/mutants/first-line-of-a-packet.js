// Bug: of several lines that arrive at once only the first is handled.
// Loses: glued-lines, five-clients, split-line
// A chat server with the module net. One thread; sockets keep what is not sent yet.
const net = require('net');

const users = new Map(); // name -> socket

function others(socket, text) {
  for (const other of users.values()) {
    if (other !== socket) other.write(text + '\n');
  }
}

function login(socket, name) {
  if (!/^[A-Za-z0-9_]{1,20}$/.test(name)) {
    socket.end('refused: not a good name\n');
  } else if (users.has(name)) {
    socket.end('refused: name is taken\n');
  } else {
    socket.name = name;
    users.set(name, socket);
    socket.write(`welcome ${name}\n`);
    others(socket, `* ${name} joined`);
  }
}

function logout(socket) {
  if (users.get(socket.name) !== socket) return;
  users.delete(socket.name);
  others(socket, `* ${socket.name} left`);
}

function handle(socket, line) {
  if (socket.name === undefined) {
    login(socket, line);
  } else if (line === '/quit') {
    logout(socket);
    socket.end();
  } else if (line === '/who') {
    socket.write(`* here: ${[...users.keys()].sort().join(', ')}\n`);
  } else if (line === '/away' || line === '/back') {
    others(socket, `* ${socket.name} is ${line.slice(1)}`);
  } else if (line.startsWith('/')) {
    socket.write(`unknown: ${line}\n`);
  } else if (line !== '') {
    others(socket, `${socket.name}: ${line}`);
  }
}

const server = net.createServer((socket) => {
  let rest = '';
  socket.setEncoding('utf8'); // also puts characters together that arrive in pieces
  socket.write('name?\n');
  socket.on('data', (chunk) => {
    rest += chunk;
    if (!rest.includes('\n')) return;
    const line = rest.split('\n')[0];
    rest = '';
    if (socket.writable) handle(socket, line.replace(/\r$/, ''));
  });
  socket.on('end', () => logout(socket));
  socket.on('error', () => {}); // a reset; 'close' comes next
  socket.on('close', () => logout(socket));
});

server.listen(Number(process.argv[2]), '127.0.0.1');

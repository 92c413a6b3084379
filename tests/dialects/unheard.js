// Nobody listens for 'error': a client that vanishes ends the server.
const net = require('net');
const socks = new Set();

net.createServer((sock) => {
  socks.add(sock);
  sock.on('data', (data) => socks.forEach((other) => other !== sock && other.write(data)));
  sock.on('end', () => socks.delete(sock));
}).listen(3003);

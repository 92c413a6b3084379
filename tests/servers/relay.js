// A relay in Node: one thread that waits in epoll_wait, and the idle threads of its pool.
const net = require("net");
const clients = new Set();

net.createServer((socket) => {
  let rest = "";
  clients.add(socket);
  socket.on("data", (data) => {
    const lines = (rest + data).split("\n");
    rest = lines.pop();
    for (const line of lines) for (const other of clients) if (other !== socket) other.write(line + "\n");
  });
  socket.on("close", () => clients.delete(socket));
  socket.on("error", () => {});
}).listen(Number(process.argv[2]), "127.0.0.1");

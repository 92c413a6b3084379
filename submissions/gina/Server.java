import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Map;
import java.util.Queue;
import java.util.TreeMap;

/**
 * Chat server, practical 3.
 *
 * Two threads for every client: one reads what the client writes (run), the other one sends what
 * the client has to receive (sendLoop). Between them there is a queue, so nobody has to wait for a
 * client with a bad connection.
 *
 * @author Gina
 */
public class Server {

    private static final int MAX_LINE = 4096;
    private static final int MAX_QUEUED = 8 * 1024 * 1024;

    /** Everybody in the chat. A TreeMap keeps the names sorted for /who. Only use it inside synchronized (people)! */
    private static final Map<String, Client> people = new TreeMap<>();

    public static void main(String[] args) throws IOException {
        if (args.length != 1) {
            System.err.println("usage: java Server <port>");
            System.exit(1);
        }
        int port = Integer.parseInt(args[0]);
        ServerSocket server = new ServerSocket();
        server.setReuseAddress(true);
        server.bind(new InetSocketAddress(InetAddress.getByName("127.0.0.1"), port), 200);
        System.out.println("Chat server listening on port " + port);
        while (true) {
            try {
                Socket socket = server.accept();
                new Client(socket).start();
            } catch (IOException e) {
                System.err.println("accept: " + e.getMessage());
            }
        }
    }

    /** Sends a line to everybody except one client. */
    private static void broadcast(String line, Client except) {
        synchronized (people) {
            for (Client client : people.values()) {
                if (client != except) {
                    client.send(line);
                }
            }
        }
    }

    private static class Client extends Thread {

        private final Socket socket;
        private String name;

        private final Queue<byte[]> queue = new ArrayDeque<>();
        private int queued = 0;
        private boolean closing = false;

        Client(Socket socket) {
            this.socket = socket;
        }

        // ---------------------------------------------------------------- sending

        /** Puts a line in the queue, the sender thread does the rest. */
        void send(String line) {
            synchronized (queue) {
                if (closing) {
                    return;
                }
                byte[] bytes = (line + "\n").getBytes(StandardCharsets.ISO_8859_1);
                queue.add(bytes);
                queued += bytes.length;
                if (queued > MAX_QUEUED) {
                    // not reading at all, throw it out (run will get an exception and clean up)
                    closing = true;
                    queue.clear();
                    closeSocket();
                }
                queue.notify();
            }
        }

        private void sendLoop() {
            try {
                OutputStream out = socket.getOutputStream();
                while (true) {
                    byte[] bytes;
                    synchronized (queue) {
                        while (queue.isEmpty() && !closing) {
                            queue.wait();
                        }
                        bytes = queue.poll();
                        if (bytes == null) {
                            break;
                        }
                    }
                    out.write(bytes);
                    synchronized (queue) {
                        queued -= bytes.length;
                    }
                }
                socket.shutdownOutput();
            } catch (IOException | InterruptedException e) {
                // connection is broken, run() notices it too
            }
        }

        // ---------------------------------------------------------------- receiving

        private final byte[] input = new byte[8192];
        private int inputLength = 0;
        private int inputPosition = 0;

        private int readByte() throws IOException {
            if (inputPosition == inputLength) {
                InputStream in = socket.getInputStream();
                inputLength = in.read(input);
                inputPosition = 0;
                if (inputLength <= 0) {
                    inputLength = 0;
                    return -1;
                }
            }
            return input[inputPosition++] & 0xff;
        }

        /**
         * One line without its end, or null at the end of the stream.
         * I don't use BufferedReader because for readLine a single \r is an end of line too, and because it would
         * decode the text. With ISO-8859-1 every byte is one char, so all the bytes go out as they came in.
         */
        private String readLine() throws IOException {
            StringBuilder line = new StringBuilder();
            boolean tooLong = false;
            while (true) {
                int b = readByte();
                if (b == -1) {
                    return null;
                }
                if (b == '\n') {
                    if (!tooLong) {
                        break;
                    }
                    // ignore the long line and go on with the next one
                    line.setLength(0);
                    tooLong = false;
                    continue;
                }
                if (line.length() < MAX_LINE) {
                    line.append((char) b);
                } else {
                    tooLong = true;
                }
            }
            int end = line.length();
            if (end > 0 && line.charAt(end - 1) == '\r') {
                line.setLength(end - 1);
            }
            return line.toString();
        }

        // ---------------------------------------------------------------- the chat

        @Override
        public void run() {
            Thread sender = new Thread(this::sendLoop);
            try {
                socket.setTcpNoDelay(true);
                sender.start();
                send("name?");
                String first = readLine();
                if (first != null && login(first)) {
                    chat();
                }
                removeFromChat();
                finishSending();
                while (socket.getInputStream().read(input) > 0) {
                    // wait until the other side hangs up
                }
            } catch (IOException e) {
                System.err.println("connection lost: " + e.getMessage());
            } finally {
                removeFromChat();
                finishSending();
                try {
                    sender.join();
                } catch (InterruptedException e) {
                    // can't happen
                }
                closeSocket();
            }
        }

        private boolean login(String wanted) {
            synchronized (people) {
                if (!wanted.matches("[A-Za-z0-9_]{1,20}")) {
                    send("refused: invalid name");
                    return false;
                }
                if (people.containsKey(wanted)) {
                    send("refused: name already in use");
                    return false;
                }
                name = wanted;
                people.put(name, this);
                send("welcome " + name);
                broadcast("* " + name + " joined", this);
                return true;
            }
        }

        private void chat() throws IOException {
            String line;
            while ((line = readLine()) != null) {
                if (line.isEmpty()) {
                    continue;
                }
                if (line.equals("/quit")) {
                    synchronized (people) {
                        removeFromChat();
                        broadcast("* " + name + " left", this);
                    }
                    return;
                } else if (line.equals("/who")) {
                    synchronized (people) {
                        send("* here: " + String.join(", ", people.keySet()));
                    }
                } else if (line.equals("/away")) {
                    broadcast("* " + name + " is away", this);
                } else if (line.equals("/back")) {
                    broadcast("* " + name + " is back", this);
                } else if (line.startsWith("/")) {
                    send("unknown: " + line);
                } else {
                    broadcast(name + ": " + line, this);
                }
            }
        }

        private void removeFromChat() {
            synchronized (people) {
                if (name != null && people.get(name) == this) {
                    people.remove(name);
                }
            }
        }

        /** No more lines for this client: the sender thread empties the queue and stops. */
        private void finishSending() {
            synchronized (queue) {
                closing = true;
                queue.notify();
            }
        }

        private void closeSocket() {
            try {
                socket.close();
            } catch (IOException e) {
                // already closed
            }
        }
    }
}

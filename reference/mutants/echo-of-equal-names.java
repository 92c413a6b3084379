// Bug: names are compared with != instead of equals(), so the author gets an echo.
// Loses: no-echo
import java.io.*;
import java.net.*;
import java.nio.charset.StandardCharsets;
import java.util.*;
import java.util.concurrent.LinkedBlockingQueue;

/** A chat server: for each client a thread that reads, and one that writes what is in its queue. */
public class Server {
    static final SortedMap<String, Client> clients = new TreeMap<>();   // also the lock

    public static void main(String[] args) throws IOException {
        ServerSocket server = new ServerSocket(Integer.parseInt(args[0]), 100);
        while (true) {
            new Client(server.accept()).start();
        }
    }

    static class Client extends Thread {
        final Socket socket;
        final LinkedBlockingQueue<String> queue = new LinkedBlockingQueue<>();
        final Thread writer = new Thread(this::write);
        String nick;

        Client(Socket socket) {
            this.socket = socket;
        }

        void send(String line) {
            queue.add(line);
        }

        void sendToOthers(String line, String except) {
            synchronized (clients) {
                for (Client client : clients.values()) {
                    if (client.nick != except) {
                        client.send(line);
                    }
                }
            }
        }

        void write() {
            try {
                OutputStream out = socket.getOutputStream();
                for (String line = queue.take(); !line.isEmpty(); line = queue.take()) {
                    out.write((line + "\n").getBytes(StandardCharsets.UTF_8));
                }
            } catch (IOException | InterruptedException e) {
                // the reading thread notices it too
            }
        }

        @Override
        public void run() {
            writer.start();
            send("name?");
            try {
                BufferedReader in = new BufferedReader(
                        new InputStreamReader(socket.getInputStream(), StandardCharsets.UTF_8));
                String line = in.readLine();
                if (line != null && login(line)) {
                    while ((line = in.readLine()) != null && !line.equals("/quit")) {
                        handle(line);
                    }
                }
            } catch (IOException e) {
                // the connection was reset
            }
            logout();
            try {
                send("");       // tells the writer to stop
                writer.join();
                socket.close();
            } catch (IOException | InterruptedException e) {
                e.printStackTrace();
            }
        }

        boolean login(String name) {
            synchronized (clients) {
                if (!name.matches("[A-Za-z0-9_]{1,20}") || clients.containsKey(name)) {
                    send("refused: bad name or name in use");
                    return false;
                }
                nick = name;
                clients.put(nick, this);
                send("welcome " + nick);
                sendToOthers("* " + nick + " joined", nick);
                return true;
            }
        }

        void handle(String line) {
            if (line.equals("/who")) {
                synchronized (clients) {
                    send("* here: " + String.join(", ", clients.keySet()));
                }
            } else if (line.equals("/away") || line.equals("/back")) {
                sendToOthers("* " + nick + " is " + line.substring(1), nick);
            } else if (line.startsWith("/")) {
                send("unknown: " + line);
            } else if (!line.isEmpty()) {
                String message = nick + ": " + line;
                sendToOthers(message, message.substring(0, message.indexOf(':')));
            }
        }

        void logout() {
            synchronized (clients) {
                if (nick != null && clients.remove(nick) != null) {
                    sendToOthers("* " + nick + " left", nick);
                }
            }
        }
    }
}

// Bug: lines are written inside synchronized, so one who does not read stops everybody.
// Loses: slow-reader
import java.io.*;
import java.net.*;
import java.nio.charset.StandardCharsets;
import java.util.*;

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
        String nick;

        Client(Socket socket) {
            this.socket = socket;
        }

        void send(String line) {
            try {
                synchronized (socket) {
                    socket.getOutputStream().write((line + "\n").getBytes(StandardCharsets.UTF_8));
                }
            } catch (IOException e) {
                // the reading thread notices it too
            }
        }

        void sendToOthers(String line) {
            synchronized (clients) {
                for (Client client : clients.values()) {
                    if (client != this) {
                        client.send(line);
                    }
                }
            }
        }

        @Override
        public void run() {
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
                socket.close();
            } catch (IOException e) {
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
                sendToOthers("* " + nick + " joined");
                return true;
            }
        }

        void handle(String line) {
            if (line.equals("/who")) {
                synchronized (clients) {
                    send("* here: " + String.join(", ", clients.keySet()));
                }
            } else if (line.equals("/away") || line.equals("/back")) {
                sendToOthers("* " + nick + " is " + line.substring(1));
            } else if (line.startsWith("/")) {
                send("unknown: " + line);
            } else if (!line.isEmpty()) {
                sendToOthers(nick + ": " + line);
            }
        }

        void logout() {
            synchronized (clients) {
                if (nick != null && clients.remove(nick) != null) {
                    sendToOthers("* " + nick + " left");
                }
            }
        }
    }
}

// Good: Java with two threads a client, a synchronized room, and a BlockingQueue that each writer takes from.
import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.TreeMap;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.atomic.AtomicLong;

public class Server {
    private static final int LONGEST = 4096;
    private static final long MOST = 2_000_000;

    /** By name: who has joined. Sorted as /who wants it. Guarded by itself. */
    private static final TreeMap<String, Client> room = new TreeMap<>();

    public static void main(String[] args) throws IOException {
        try (ServerSocket door = new ServerSocket()) {
            door.setReuseAddress(true);
            door.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), Integer.parseInt(args[0])), 100);
            while (true) {
                Socket socket = door.accept();
                new Thread(new Client(socket)).start();
            }
        }
    }

    private static class Client implements Runnable {
        /** Ends the writer. It is compared by identity, so no line can look like it. */
        private static final String END = new String("end");

        private final Socket socket;
        private final BlockingQueue<String> lines = new LinkedBlockingQueue<>();
        private final AtomicLong waiting = new AtomicLong();
        private String name;

        Client(Socket socket) {
            this.socket = socket;
        }

        @Override
        public void run() {
            Thread writer = new Thread(this::write);
            try (socket) {
                socket.setTcpNoDelay(true);
                writer.start();
                tell("name?");
                InputStream in = new BufferedInputStream(socket.getInputStream());
                String line;
                while ((line = readLine(in)) != null && obey(line)) {
                    // all is done in obey
                }
                leave();
                lines.add(END);
                writer.join();
            } catch (IOException | InterruptedException e) {
                leave();
                lines.add(END);
            }
        }

        /** A line without its end, a char for each byte; null at the end of the stream or when it is too long. */
        private static String readLine(InputStream in) throws IOException {
            ByteArrayOutputStream line = new ByteArrayOutputStream();
            for (int b; (b = in.read()) >= 0 && line.size() < LONGEST; line.write(b)) {
                if (b == '\n') {
                    String text = line.toString(StandardCharsets.ISO_8859_1);
                    return text.endsWith("\r") ? text.substring(0, text.length() - 1) : text;
                }
            }
            return null;
        }

        private boolean obey(String line) {
            synchronized (room) {
                if (name == null) {
                    return join(line);
                } else if (line.equals("/quit")) {
                    return false;
                } else if (line.equals("/who")) {
                    tell("* here: " + String.join(", ", room.keySet()));
                } else if (line.equals("/away") || line.equals("/back")) {
                    tellOthers("* " + name + " is " + line.substring(1));
                } else if (line.startsWith("/")) {
                    tell("unknown: " + line);
                } else if (!line.isEmpty()) {
                    tellOthers(name + ": " + line);
                }
                return true;
            }
        }

        private boolean join(String wanted) {
            if (!wanted.matches("[A-Za-z0-9_]{1,20}") || room.containsKey(wanted)) {
                tell("refused: bad name, or in use");
                return false;
            }
            name = wanted;
            tell("welcome " + name);
            tellOthers("* " + name + " joined");
            room.put(name, this);
            return true;
        }

        private void leave() {
            synchronized (room) {
                if (name != null && room.remove(name, this)) {
                    tellOthers("* " + name + " left");
                }
            }
        }

        private void tellOthers(String line) {
            for (Client client : room.values()) {
                if (client != this) {
                    client.tell(line);
                }
            }
        }

        private void tell(String line) {
            if (waiting.addAndGet(line.length() + 1) > MOST) {
                lines.clear();
                try {
                    socket.close(); // its own two threads find out
                } catch (IOException e) {
                    // closed already
                }
            } else {
                lines.add(line);
            }
        }

        private void write() {
            try {
                OutputStream out = socket.getOutputStream();
                for (String line; (line = lines.take()) != END;) {
                    out.write((line + "\n").getBytes(StandardCharsets.ISO_8859_1));
                    waiting.addAndGet(-line.length() - 1);
                }
            } catch (IOException | InterruptedException e) {
                // the reader finds out by itself
            }
        }
    }
}

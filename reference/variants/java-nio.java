// Good: Java NIO: one thread, a Selector, and for each channel a buffer for the line and a queue of ByteBuffers.
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

public class Server {
    private static final Charset BYTES = StandardCharsets.ISO_8859_1; // a char is a byte, so nothing is lost
    private static final int MOST = 1 << 20;

    private final Selector selector = Selector.open();
    private final Map<String, Client> members = new TreeMap<>();
    private final ByteBuffer input = ByteBuffer.allocateDirect(16384);

    private Server(int port) throws IOException {
        ServerSocketChannel door = ServerSocketChannel.open();
        door.bind(new InetSocketAddress("127.0.0.1", port), 128);
        door.configureBlocking(false);
        door.register(selector, SelectionKey.OP_ACCEPT);
    }

    public static void main(String[] args) throws IOException {
        new Server(Integer.parseInt(args[0])).run();
    }

    private void run() throws IOException {
        while (true) {
            selector.select();
            for (SelectionKey key : selector.selectedKeys()) {
                if (key.isValid() && key.isAcceptable()) {
                    accept((ServerSocketChannel) key.channel());
                }
                if (key.isValid() && key.isWritable()) {
                    ((Client) key.attachment()).flush();
                }
                if (key.isValid() && key.isReadable()) {
                    ((Client) key.attachment()).read();
                }
            }
            selector.selectedKeys().clear();
        }
    }

    private void accept(ServerSocketChannel door) {
        try {
            SocketChannel channel = door.accept();
            if (channel != null) {
                channel.configureBlocking(false);
                new Client(channel).tell("name?");
            }
        } catch (IOException e) {
            // gone before we opened
        }
    }

    private class Client {
        private final SocketChannel channel;
        private final SelectionKey key;
        private final StringBuilder line = new StringBuilder();
        private final ArrayDeque<ByteBuffer> output = new ArrayDeque<>();
        private int waiting;
        private boolean over; // closed as soon as `output` is empty
        private String name;

        Client(SocketChannel channel) throws IOException {
            this.channel = channel;
            this.key = channel.register(selector, SelectionKey.OP_READ, this);
        }

        void read() {
            input.clear();
            int count;
            try {
                count = channel.read(input);
            } catch (IOException e) {
                close();
                return;
            }
            if (count < 0) {
                finish();
                return;
            }
            input.flip();
            while (input.hasRemaining() && !over) {
                char c = (char) (input.get() & 0xff);
                if (c != '\n') {
                    line.append(c);
                    if (line.length() > 4096) {
                        finish();
                    }
                    continue;
                }
                if (line.length() > 0 && line.charAt(line.length() - 1) == '\r') {
                    line.setLength(line.length() - 1);
                }
                String whole = line.toString();
                line.setLength(0);
                obey(whole);
            }
        }

        private void obey(String text) {
            if (name == null) {
                join(text);
                return;
            }
            switch (text) {
                case "" -> { }
                case "/quit" -> finish();
                case "/who" -> tell("* here: " + String.join(", ", members.keySet()));
                case "/away", "/back" -> tellOthers("* " + name + " is " + text.substring(1));
                default -> {
                    if (text.startsWith("/")) {
                        tell("unknown: " + text);
                    } else {
                        tellOthers(name + ": " + text);
                    }
                }
            }
        }

        private void join(String wanted) {
            if (wanted.matches("\\w{1,20}") && !members.containsKey(wanted)) {
                name = wanted;
                members.put(name, this);
                tell("welcome " + name);
                tellOthers("* " + name + " joined");
            } else {
                tell("refused: " + (members.containsKey(wanted) ? "taken" : "not a name"));
                finish();
            }
        }

        void tellOthers(String text) {
            for (Client member : new ArrayList<>(members.values())) {
                if (member != this) {
                    member.tell(text);
                }
            }
        }

        void tell(String text) {
            if (over) {
                return;
            }
            ByteBuffer bytes = ByteBuffer.wrap((text + "\n").getBytes(BYTES));
            output.add(bytes);
            waiting += bytes.remaining();
            flush();
            if (waiting > MOST) {
                close();
            }
        }

        void flush() {
            try {
                while (!output.isEmpty()) {
                    waiting -= channel.write(output.peek());
                    if (output.peek().hasRemaining()) {
                        break;
                    }
                    output.remove();
                }
            } catch (IOException e) {
                close();
                return;
            }
            if (over && output.isEmpty()) {
                close();
            } else {
                key.interestOps((over ? 0 : SelectionKey.OP_READ) | (output.isEmpty() ? 0 : SelectionKey.OP_WRITE));
            }
        }

        /** Nothing more is heard from it; what waits for it is still sent. */
        private void finish() {
            if (!over) {
                over = true;
                leave();
                flush();
            }
        }

        private void close() {
            over = true;
            output.clear();
            waiting = 0;
            key.cancel();
            try {
                channel.close();
            } catch (IOException e) {
                // it is closed, then
            }
            leave();
        }

        private void leave() {
            if (name != null && members.remove(name, this)) {
                tellOthers("* " + name + " left");
            }
        }
    }
}

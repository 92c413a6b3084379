// readUTF and writeUTF: two bytes of length before each text. First the name.
import java.io.*;
import java.net.*;
import java.util.*;
import java.util.concurrent.*;

public class Server {
    static final Map<DataOutputStream, String> people = new ConcurrentHashMap<>();

    static synchronized void tell(String text, DataOutputStream but) {
        for (DataOutputStream out : people.keySet()) {
            if (out == but) continue;
            try {
                out.writeUTF(text);
            } catch (IOException e) {
                // it has gone
            }
        }
    }

    static void serve(Socket socket) {
        String name = null;
        DataOutputStream out = null;
        try (socket) {
            DataInputStream in = new DataInputStream(socket.getInputStream());
            out = new DataOutputStream(new BufferedOutputStream(socket.getOutputStream()) {
                @Override
                public synchronized void write(byte[] b, int off, int len) throws IOException {
                    super.write(b, off, len);
                    flush();
                }
            });
            name = in.readUTF();
            people.put(out, name);
            tell(name + " joined the chat", out);
            while (true) tell(name + ": " + in.readUTF(), out);
        } catch (IOException e) {
            // it has gone
        } finally {
            if (out != null && people.remove(out) != null) tell(name + " left the chat", null);
        }
    }

    public static void main(String[] args) throws IOException {
        try (ServerSocket server = new ServerSocket(8888)) {
            while (true) {
                Socket socket = server.accept();
                new Thread(() -> serve(socket)).start();
            }
        }
    }
}

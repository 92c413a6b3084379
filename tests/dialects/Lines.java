// SUBMITNAME, a name, then lines, as a textbook has it: readLine() waits for the end of a line.
import java.io.*;
import java.net.*;
import java.util.*;
import java.util.concurrent.*;

public class Server {
    static final Map<PrintWriter, String> people = new ConcurrentHashMap<>();

    static void tell(String text) {
        for (PrintWriter out : people.keySet()) out.println(text);
    }

    static void serve(Socket socket) {
        String name = null;
        PrintWriter out = null;
        try (socket) {
            BufferedReader in = new BufferedReader(new InputStreamReader(socket.getInputStream(), "UTF-8"));
            out = new PrintWriter(new OutputStreamWriter(socket.getOutputStream(), "UTF-8"), true);
            out.println("SUBMITNAME");
            name = in.readLine();
            if (name == null || name.isBlank()) return;
            out.println("NAMEACCEPTED");
            tell("MESSAGE " + name + " joined the chat");
            people.put(out, name);
            for (String line; (line = in.readLine()) != null && !line.equals("/quit");) tell("MESSAGE " + name + ": " + line);
        } catch (IOException e) {
            // it has gone
        } finally {
            if (out != null && people.remove(out) != null) tell("MESSAGE " + name + " left the chat");
        }
    }

    public static void main(String[] args) throws IOException {
        try (ServerSocket server = new ServerSocket(59001)) {
            while (true) {
                Socket socket = server.accept();
                new Thread(() -> serve(socket)).start();
            }
        }
    }
}

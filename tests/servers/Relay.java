import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/** A relay in Java: a thread for each client, beside the housekeeping threads of the Java machine. */
public class Relay {
    static final List<Socket> clients = new CopyOnWriteArrayList<>();

    public static void main(String[] arguments) throws IOException {
        ServerSocket server = new ServerSocket(Integer.parseInt(arguments[0]));
        while (true) {
            Socket newcomer = server.accept();
            clients.add(newcomer);
            new Thread(() -> serve(newcomer)).start();
        }
    }

    static void serve(Socket socket) {
        try (BufferedReader lines = new BufferedReader(new InputStreamReader(socket.getInputStream()))) {
            try {
                for (String line = lines.readLine(); line != null; line = lines.readLine())
                    for (Socket other : clients)
                        if (other != socket) other.getOutputStream().write((line + "\n").getBytes());
            } finally {
                clients.remove(socket); // before it is closed: nobody writes to a closed one
            }
        } catch (IOException gone) {
            // the client has left in its own way
        }
    }
}

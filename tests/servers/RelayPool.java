import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/** A relay with a fixed pool of threads. Each of the first forty clients makes one more of them: that is how it grows. */
public class RelayPool {
    static final List<Socket> clients = new CopyOnWriteArrayList<>();

    public static void main(String[] arguments) throws Exception {
        ExecutorService pool = Executors.newFixedThreadPool(40);
        ServerSocket server = new ServerSocket(Integer.parseInt(arguments[0]));
        while (true) {
            Socket newcomer = server.accept();
            clients.add(newcomer);
            pool.submit(() -> serve(newcomer));
        }
    }

    static Void serve(Socket socket) throws Exception {
        try (socket; BufferedReader lines = new BufferedReader(new InputStreamReader(socket.getInputStream()))) {
            try {
                for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                    if (line.equals("PING")) socket.getOutputStream().write("PONG\n".getBytes());
                    else for (Socket other : clients) if (other != socket) other.getOutputStream().write((line + "\n").getBytes());
                }
            } finally {
                clients.remove(socket); // before it is closed: nobody writes to a closed one
            }
        }
        return null;
    }
}

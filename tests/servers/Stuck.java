import java.io.IOException;
import java.net.ServerSocket;
import java.util.concurrent.CountDownLatch;

/** Opens its port and gets stuck: two threads in a circle of locks. */
public class Stuck {
    public static void main(String[] arguments) throws IOException {
        ServerSocket server = new ServerSocket(Integer.parseInt(arguments[0]));
        StringBuilder first = new StringBuilder();
        Thread second = new Thread();
        CountDownLatch both = new CountDownLatch(2);
        new Thread(() -> take(first, second, both), "one").start();
        new Thread(() -> take(second, first, both), "other").start();
        while (true) {
            server.accept();
        }
    }

    static void take(Object mine, Object theirs, CountDownLatch both) {
        synchronized (mine) {
            both.countDown();
            while (both.getCount() > 0) {
                Thread.onSpinWait();
            }
            synchronized (theirs) {
                System.out.println("this is never reached");
            }
        }
    }
}

// A member of a group with the Java client: JavaMember GROUP TOPIC [KEY=VALUE...] prints the value of each record, and leaves in good order on SIGTERM.

import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.errors.WakeupException;
import org.apache.kafka.common.serialization.StringDeserializer;

public class JavaMember {
    public static void main(String[] args) {
        var settings = new HashMap<String, Object>(Map.of("bootstrap.servers", System.getenv("BOOTSTRAP"), "group.id", args[0], "auto.offset.reset", "earliest"));
        for (var i = 2; i < args.length; i++) {
            var setting = args[i].split("=", 2);
            settings.put(setting[0], setting[1]);
        }

        var left = new CountDownLatch(1);
        try (var consumer = new KafkaConsumer<>(settings, new StringDeserializer(), new StringDeserializer())) {
            Runtime.getRuntime().addShutdownHook(new Thread(() -> {
                consumer.wakeup();
                try {
                    left.await();
                } catch (InterruptedException interrupted) {
                    Thread.currentThread().interrupt();
                }
            }));
            consumer.subscribe(List.of(args[1]));
            while (true) {
                consumer.poll(Duration.ofSeconds(1)).forEach(record -> System.out.println(record.value()));
                System.out.flush();
            }
        } catch (WakeupException asked) {
            // The end that was asked for.
        } finally {
            left.countDown();
        }
    }
}

// Kafka's Java client, for tests/faults.sh; compiles against 3.9 and 4.x alike.
//   JavaFaults produce BOOTSTRAP TOPIC                   sends what stdin says: PARTITION NUMBER VALUE
//   JavaFaults consume BOOTSTRAP TOPIC GROUP PROTOCOL    prints what it reads: PARTITION OFFSET VALUE
// The producer prints, in the order of its callbacks: ack PARTITION NUMBER OFFSET; fail PARTITION NUMBER REASON. It ends when its input does and everything
// is reported. Settings are the client's own but for the 5 s of a request and, as everywhere in such a run, a commit every second.

import java.io.*;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.*;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.*;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.serialization.*;

public class JavaFaults {
    public static void main(String[] args) throws IOException {
        if (args.length == 3 && args[0].equals("produce")) {
            produce(args[1], args[2]);
        } else if (args.length == 5 && args[0].equals("consume")) {
            consume(args[1], args[2], args[3], args[4]);
        } else {
            System.err.println("Arguments: produce BOOTSTRAP TOPIC, or consume BOOTSTRAP TOPIC GROUP PROTOCOL.");
            System.exit(2);
        }
    }

    static void produce(String bootstrap, String topic) throws IOException {
        var settings = Map.<String, Object>of("bootstrap.servers", bootstrap, "enable.idempotence", "true", "acks", "all", "linger.ms", "5", "request.timeout.ms", "5000");
        try (var producer = new KafkaProducer<>(settings, new StringSerializer(), new StringSerializer());
                var input = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8))) {
            for (var line = input.readLine(); line != null; line = input.readLine()) {
                var words = line.split(" ", 3);
                var partition = Integer.parseInt(words[0]);
                producer.send(new ProducerRecord<>(topic, partition, null, words[2]), (metadata, error) -> {
                    if (error == null) {
                        say("ack " + partition + " " + words[1] + " " + metadata.offset());
                    } else {
                        say("fail " + partition + " " + words[1] + " " + text(error));
                    }
                });
            }
        }
    }

    static void consume(String bootstrap, String topic, String group, String protocol) {
        var settings = Map.<String, Object>of("bootstrap.servers", bootstrap, "group.id", group, "group.protocol", protocol, "request.timeout.ms", "5000",
            "auto.offset.reset", "earliest", "auto.commit.interval.ms", "1000");
        while (true) {
            try (var consumer = new KafkaConsumer<>(settings, new StringDeserializer(), new StringDeserializer())) {
                consumer.subscribe(List.of(topic));
                while (true) {
                    consumer.poll(Duration.ofSeconds(1)).forEach(record -> say(record.partition() + " " + record.offset() + " " + record.value()));
                }
            } catch (KafkaException error) {
                System.err.println(text(error));
                say("restart " + text(error));
            }
        }
    }

    static String text(Exception error) {
        return error.toString().replaceAll("\\s+", " ");
    }

    // A thread of the client's calls back; lines must not be torn.
    static synchronized void say(String line) {
        System.out.println(line);
    }
}

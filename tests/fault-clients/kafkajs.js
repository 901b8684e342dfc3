// kafkajs, for tests/faults.sh; found through NODE_PATH.
//   node kafkajs.js produce BOOTSTRAP TOPIC          sends what stdin says: PARTITION NUMBER VALUE
//   node kafkajs.js consume BOOTSTRAP TOPIC GROUP    prints what it reads: PARTITION OFFSET VALUE
// The producer prints: ack PARTITION NUMBER OFFSET; fail PARTITION NUMBER REASON; fatal REASON; restart REASON. It ends when its input does and
// everything is reported.
//
// What an application has to know of kafkajs 2.2.4 (src/producer/sendMessages.js) to get what idempotence promises:
// - A send() goes to one partition only. One that spans several leaders keeps the answers of those who have answered and tries the
//   others again, by whoever leads then: a partition whose leader has changed in between is left out if its new leader has answered
//   already, or sent a second time under new sequence numbers if it has not.
// - Sends to a partition come one after the other. The sequence number is taken back when a request fails, and a second send() that was
//   waiting would take it.
// - A request that times out does not make it look for the leader again, so metadata must not be old: metadataMaxAge.
// - Each partition has a producer of its own, since an idempotent one has one request under way to a broker.
const readline = require('node:readline')
const { Kafka, logLevel } = require('kafkajs')

const MAX_WAITING = 20000
const MAX_BATCH = 500

const [mode, bootstrap, topic, groupId] = process.argv.slice(2)
const kafka = new Kafka({
  clientId: 'faults',
  brokers: bootstrap.split(','),
  requestTimeout: 5000,
  connectionTimeout: 2000,
  retry: { initialRetryTime: 100, maxRetryTime: 2000, retries: Number.MAX_SAFE_INTEGER },
  logLevel: logLevel.ERROR,
  logCreator: () => ({ namespace, label, log }) => console.error(`${log.timestamp} ${label} ${namespace} ${log.message} ${log.error || ''}`),
})
const text = error => String(error && error.message).replace(/\s+/g, ' ')

// The records of one partition, sent batch by batch.
class Partition {
  constructor(partition) {
    this.partition = partition
    this.waiting = []
    this.wake = () => {}
    this.isEnding = false
    this.running = this.run()
  }

  add(record) {
    this.waiting.push(record)
    this.wake()
  }

  end() {
    this.isEnding = true
    this.wake()
    return this.running
  }

  async run() {
    let producer = await this.connect()
    while (true) {
      while (this.waiting.length === 0) {
        if (this.isEnding) return producer.disconnect()
        await new Promise(resolve => (this.wake = resolve))
      }
      const batch = this.waiting.splice(0, MAX_BATCH)
      waitingCount -= batch.length
      resumeInput()
      try {
        const messages = batch.map(({ value }) => ({ partition: this.partition, value }))
        const [answer] = await producer.send({ topic, acks: -1, messages })
        const base = BigInt(answer.baseOffset)
        batch.forEach(({ number }, i) => console.log(`ack ${this.partition} ${number} ${base + BigInt(i)}`))
      } catch (error) {
        // send() retries without an end whatever can be retried. What comes out here is final, and its records may be in the log or not.
        console.log(`fatal ${error.type || error.name} ${text(error)}`)
        batch.forEach(({ number }) => console.log(`fail ${this.partition} ${number} ${text(error)}`))
        await producer.disconnect().catch(() => {})
        producer = await this.connect()
        console.log(`restart ${text(error)}`)
      }
    }
  }

  async connect() {
    const producer = kafka.producer({ idempotent: true, metadataMaxAge: 1000, allowAutoTopicCreation: false })
    await producer.connect()
    return producer
  }
}

let waitingCount = 0
let input
const resumeInput = () => {
  if (waitingCount < MAX_WAITING / 2) input.resume()
}

const produce = async () => {
  const partitions = new Map()
  input = readline.createInterface({ input: process.stdin })
  input.on('line', line => {
    const [partition, number] = line.split(' ', 2)
    const value = line.slice(partition.length + number.length + 2)
    if (!partitions.has(partition)) partitions.set(partition, new Partition(Number(partition)))
    partitions.get(partition).add({ number, value })
    if (++waitingCount >= MAX_WAITING) input.pause()
  })
  await new Promise(resolve => input.on('close', resolve))
  await Promise.all(Array.from(partitions.values(), partition => partition.end()))
  process.exit(0)
}

const consume = async () => {
  while (true) {
    const consumer = kafka.consumer({ groupId, metadataMaxAge: 1000, retry: { restartOnFailure: async () => false } })
    const crashed = new Promise(resolve => consumer.on(consumer.events.CRASH, ({ payload }) => resolve(payload.error)))
    try {
      await consumer.connect()
      await consumer.subscribe({ topics: [topic], fromBeginning: true })
      await consumer.run({
        autoCommitInterval: 1000,
        eachBatchAutoResolve: false,
        eachBatch: async ({ batch, resolveOffset, heartbeat, commitOffsetsIfNecessary, isRunning, isStale }) => {
          for (const message of batch.messages) {
            if (!isRunning() || isStale()) return
            console.log(`${batch.partition} ${message.offset} ${message.value}`)
            resolveOffset(message.offset)
          }
          await commitOffsetsIfNecessary()
          await heartbeat()
        },
      })
      console.log(`restart ${text(await crashed)}`)
    } catch (error) {
      console.log(`restart ${text(error)}`)
    }
    // An application that restarts without a pause would only make a bad moment worse.
    await new Promise(resolve => setTimeout(resolve, 500))
    await consumer.disconnect().catch(error => console.error(text(error)))
  }
}

const run = { produce, consume }[mode]
if (run === undefined || topic === undefined) {
  console.error('Arguments: produce BOOTSTRAP TOPIC, or consume BOOTSTRAP TOPIC GROUP.')
  process.exit(2)
}
run().catch(error => {
  console.error(error)
  process.exit(1)
})

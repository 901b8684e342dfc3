// A member of a group with kafkajs: member.js GROUP TOPIC prints the value of each record, and leaves in good order on SIGTERM.
const { createRequire } = require('node:module')
const { Kafka, logLevel } = createRequire(process.env.MODULES + '/')('kafkajs')

const [group, topic] = process.argv.slice(2)
const kafka = new Kafka({ clientId: 'kafkajs', brokers: [process.env.BOOTSTRAP], logLevel: logLevel.NOTHING })
const consumer = kafka.consumer({ groupId: group, sessionTimeout: 6000, heartbeatInterval: 300, rebalanceTimeout: 10000 })

const main = async () => {
  await consumer.connect()
  await consumer.subscribe({ topics: [topic], fromBeginning: true })
  await consumer.run({ eachMessage: async ({ message }) => { process.stdout.write(message.value.toString() + '\n') } })
}

process.on('SIGTERM', () => consumer.disconnect().then(() => process.exit(0), () => process.exit(1)))
main().catch(error => { console.error(error); process.exit(1) })

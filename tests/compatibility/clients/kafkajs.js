// kafkajs: reads BOOTSTRAP, prints one line per case: outcome, case, detail, separated by tabs.
// Its consumer always joins a group; fetching is tried through the client's own broker object.
const assert = require('node:assert')
const { Kafka, logLevel, CompressionTypes, Partitioners } = require('kafkajs')
const Cluster = require('kafkajs/src/cluster')
const createSocketFactory = require('kafkajs/src/network/socketFactory')
const { createLogger } = require('kafkajs/src/loggers')
const LoggerConsole = require('kafkajs/src/loggers/console')

const brokers = [process.env.BOOTSTRAP]
const kafka = new Kafka({ clientId: 'compatibility', brokers, logLevel: logLevel.NOTHING, retry: { retries: 2 } })

const report = (outcome, name, detail = '') =>
  console.log([outcome, name, String(detail).replace(/\s+/g, ' ').slice(0, 160)].join('\t'))

const attempt = async (name, work) => {
  try {
    await work()
    report('ok', name)
  } catch (error) {
    report('FAIL', name, error.message)
  }
}

const fetchAll = async (topic, count) => {
  const cluster = new Cluster({
    logger: createLogger({ level: logLevel.NOTHING, logCreator: LoggerConsole }),
    socketFactory: createSocketFactory(),
    brokers,
    clientId: 'compatibility',
    connectionTimeout: 5000,
    requestTimeout: 10000,
    metadataMaxAge: 1000,
    allowAutoTopicCreation: false,
  })
  await cluster.connect()
  try {
    await cluster.addTargetTopic(topic)
    const broker = await cluster.findBroker({ nodeId: '1' })
    const messages = []
    let offset = '0'
    while (messages.length < count) {
      const { responses } = await broker.fetch({ maxWaitTime: 2000, topics: [{ topic, partitions: [{ partition: 0, fetchOffset: offset, maxBytes: 1 << 20 }] }] })
      const found = responses[0].partitions[0].messages
      assert.ok(found.length > 0, `only ${messages.length} of ${count} messages came`)
      messages.push(...found)
      offset = (BigInt(found.at(-1).offset) + 1n).toString()
    }
    return messages
  } finally {
    await cluster.disconnect()
  }
}

const main = async () => {
  const admin = kafka.admin()
  await attempt('admin connects', () => admin.connect())
  const topic = 'kafkajs-a'
  await attempt('createTopics', async () => {
    assert.ok(await admin.createTopics({ topics: [{ topic, numPartitions: 1, configEntries: [{ name: 'max.message.bytes', value: '3000000' }] }] }))
    assert.equal(await admin.createTopics({ topics: [{ topic }] }), false, 'created twice')
  })
  await attempt('createTopics, validate only', async () => {
    await admin.createTopics({ validateOnly: true, waitForLeaders: false, topics: [{ topic: 'kafkajs-never' }] })
    assert.ok(!(await admin.listTopics()).includes('kafkajs-never'))
  })
  await attempt('listTopics', async () => assert.ok((await admin.listTopics()).includes(topic)))
  await attempt('fetchTopicMetadata', async () => {
    const { topics } = await admin.fetchTopicMetadata({ topics: [topic] })
    assert.deepEqual(topics[0].partitions[0].replicas, [1])
  })
  await attempt('describeConfigs', async () => {
    const { resources } = await admin.describeConfigs({ includeSynonyms: true, resources: [{ type: 2, name: topic, configNames: ['max.message.bytes'] }] })
    assert.equal(resources[0].configEntries.length, 1)
    assert.equal(resources[0].configEntries[0].configValue, '3000000')
  })
  await attempt('alterConfigs', async () => {
    await admin.alterConfigs({ resources: [{ type: 2, name: topic, configEntries: [{ name: 'retention.ms', value: '100000' }] }] })
    const { resources } = await admin.describeConfigs({ resources: [{ type: 2, name: topic, configNames: ['retention.ms'] }] })
    assert.equal(resources[0].configEntries[0].configValue, '100000')
  })
  await attempt('describeCluster', async () => assert.equal((await admin.describeCluster()).controller, 1))
  await attempt('listGroups', async () => assert.ok(!(await admin.listGroups()).groups.some(({ groupId }) => groupId.startsWith('kafkajs'))))

  const producer = kafka.producer({ idempotent: true, createPartitioner: Partitioners.DefaultPartitioner })
  await attempt('idempotent producer connects', () => producer.connect())
  await attempt('produce with keys and headers', async () => {
    const sent = await producer.send({ topic, messages: [{ key: 'ä', value: 'one', headers: { h: 'x' } }, { key: null, value: null }] })
    assert.equal(sent[0].baseOffset, '0')
  })
  await attempt('produce with gzip', () =>
    producer.send({ topic, compression: CompressionTypes.GZIP, messages: [{ value: 'z'.repeat(1 << 20) }] }))
  await attempt('produce 1,000 messages in order', async () => {
    const messages = Array.from({ length: 1000 }, (_, i) => ({ value: String(i) }))
    for (let i = 0; i < messages.length; i += 100) await producer.send({ topic: 'kafkajs-b', messages: messages.slice(i, i + 100) })
  })
  await attempt('produce with acks=0 and acks=1', async () => {
    const plain = kafka.producer({ createPartitioner: Partitioners.DefaultPartitioner })
    await plain.connect()
    await plain.send({ topic: 'kafkajs-c', acks: 1, messages: [{ value: 'first' }] })
    await plain.send({ topic: 'kafkajs-c', acks: 0, messages: [{ value: 'second' }] })
    await plain.disconnect()
    assert.equal((await fetchAll('kafkajs-c', 2))[1].value.toString(), 'second')
  })
  await attempt('producer disconnects', () => producer.disconnect())
  await attempt('fetch', async () => {
    const messages = await fetchAll(topic, 3)
    assert.equal(messages[0].key.toString(), 'ä')
    assert.equal(messages[0].headers.h.toString(), 'x')
    assert.equal(messages[1].value, null)
    assert.equal(messages[2].value.length, 1 << 20)
    const many = await fetchAll('kafkajs-b', 1000)
    assert.deepEqual(many.map(message => Number(message.value)), Array.from({ length: 1000 }, (_, i) => i))
  })
  await attempt('fetchTopicOffsets', async () =>
    assert.deepEqual(await admin.fetchTopicOffsets(topic), [{ partition: 0, offset: '3', high: '3', low: '0' }]))
  await attempt('fetchTopicOffsetsByTimestamp', async () =>
    assert.equal((await admin.fetchTopicOffsetsByTimestamp(topic, Date.now() - 60000))[0].offset, '0'))
  await attempt('createPartitions', async () => {
    await admin.createPartitions({ topicPartitions: [{ topic, count: 4 }] })
    assert.equal((await admin.fetchTopicOffsets(topic)).length, 4)
  })
  await attempt('deleteTopicRecords', async () => {
    await admin.deleteTopicRecords({ topic, partitions: [{ partition: 0, offset: '2' }] })
    assert.equal((await admin.fetchTopicOffsets(topic)).find(({ partition }) => partition === 0).low, '2')
  })
  await attempt('alterPartitionReassignments to the same replicas', () =>
    admin.alterPartitionReassignments({ topics: [{ topic, partitionAssignment: [{ partition: 0, replicas: [1] }] }] }))
  await attempt('listPartitionReassignments', async () =>
    assert.deepEqual((await admin.listPartitionReassignments({})).topics, []))
  await attempt('deleteTopics', async () => {
    await admin.deleteTopics({ topics: [topic] })
    assert.ok(!(await admin.listTopics()).includes(topic))
  })
  await attempt('consumer group', async () => {
    const consumer = kafka.consumer({ groupId: 'kafkajs-group' })
    await consumer.connect()
    await consumer.subscribe({ topics: ['kafkajs-b'], fromBeginning: true })
    try {
      await new Promise((resolve, reject) => {
        consumer.on('consumer.crash', ({ payload }) => reject(payload.error))
        consumer.run({ eachMessage: async () => resolve() })
        setTimeout(() => reject(new Error('nothing came')), 8000).unref()
      })
    } finally {
      await consumer.disconnect()
    }
  })
  await attempt('two members share a topic', async () => {
    await admin.createTopics({ topics: [{ topic: 'kafkajs-members', numPartitions: 4 }] })
    const assignments = new Map()
    const members = ['one', 'two'].map(id => kafka.consumer({ groupId: 'kafkajs-members', sessionTimeout: 6000, heartbeatInterval: 500 }))
    const joined = new Promise(resolve => members.forEach((member, i) => member.on('consumer.group_join', ({ payload }) => {
      assignments.set(i, payload.memberAssignment['kafkajs-members'] ?? [])
      if ([...assignments.values()].map(partitions => partitions.length).join() === '2,2') resolve()
    })))
    for (const member of members) {
      await member.connect()
      await member.subscribe({ topics: ['kafkajs-members'] })
      await member.run({ eachMessage: async () => {} })
    }
    await joined
    assert.deepEqual([...assignments.values()].flat().sort(), [0, 1, 2, 3])
    const { groups } = await admin.describeGroups(['kafkajs-members'])
    assert.equal(groups[0].state, 'Stable')
    assert.equal(groups[0].members.length, 2)
    await Promise.all(members.map(member => member.disconnect()))
  })
  await attempt('setOffsets, fetchOffsets and resetOffsets', async () => {
    const groupId = 'kafkajs-offsets'
    await admin.setOffsets({ groupId, topic: 'kafkajs-b', partitions: [{ partition: 0, offset: '17' }] })
    assert.equal((await admin.fetchOffsets({ groupId, topics: ['kafkajs-b'] }))[0].partitions[0].offset, '17')
    await admin.resetOffsets({ groupId, topic: 'kafkajs-b', earliest: true })
    assert.equal((await admin.fetchOffsets({ groupId, topics: ['kafkajs-b'], resolveOffsets: true }))[0].partitions[0].offset, '0')
  })
  await attempt('deleteGroups', async () => {
    await admin.deleteGroups(['kafkajs-offsets'])
    assert.ok(!(await admin.listGroups()).groups.some(({ groupId }) => groupId === 'kafkajs-offsets'))
  })
  await admin.disconnect()
}

main().then(() => process.exit(0), error => { report('FAIL', 'script', error.stack); process.exit(1) })

// @platformatic/kafka: reads BOOTSTRAP, prints one line per case: outcome, case, detail, separated by tabs.
import assert from 'node:assert'
import { createRequire } from 'node:module'
import { pathToFileURL } from 'node:url'
import zlib from 'node:zlib'

// Found from the directory that the runner installed the packages in, as require finds it.
const { Admin, Producer, Consumer, stringSerializers, stringDeserializers, ListOffsetTimestamps } =
  await import(pathToFileURL(createRequire(process.env.MODULES + '/').resolve('@platformatic/kafka')))

const options = { clientId: 'compatibility', bootstrapBrokers: [process.env.BOOTSTRAP], retries: 1, timeout: 5000 }
const report = (outcome, name, detail = '') =>
  console.log([outcome, name, String(detail).replace(/\s+/g, ' ').slice(0, 160)].join('\t'))

const reason = error => [error.message, ...(error.errors ?? []).map(reason)].join(' / ')

const attempt = async (name, work) => {
  try {
    await work()
    report('ok', name)
  } catch (error) {
    report('FAIL', name, reason(error))
  }
}

const topic = 'platformatic-a'
const admin = new Admin(options)
await attempt('createTopics', async () => {
  const [created] = await admin.createTopics({ topics: [topic], partitions: 2, replicas: 1, configs: [{ name: 'retention.ms', value: '100000' }] })
  assert.equal(created.partitions, 2)
})
await attempt('listTopics', async () => assert.ok((await admin.listTopics()).includes(topic)))
await attempt('metadata', async () => {
  const metadata = await admin.metadata({ topics: [topic] })
  assert.equal(metadata.topics.get(topic).partitionsCount, 2)
})
await attempt('describeConfigs', async () => {
  const [described] = await admin.describeConfigs({ resources: [{ resourceType: 2, resourceName: topic, configurationKeys: ['retention.ms'] }] })
  assert.equal(described.configs[0].value, '100000')
})
await attempt('incrementalAlterConfigs', () =>
  admin.incrementalAlterConfigs({ resources: [{ resourceType: 2, resourceName: topic, configs: [{ name: 'retention.ms', configOperation: 0, value: '200000' }] }] }))
await attempt('createPartitions', () => admin.createPartitions({ topics: [{ name: topic, count: 3, assignments: [] }] }))
await attempt('listGroups', async () => assert.ok(![...(await admin.listGroups()).keys()].some(id => id.startsWith('platformatic'))))

const producer = new Producer({ ...options, serializers: stringSerializers })
// zstd is in Node.js from version 22.15 on.
const codecs = ['none', 'gzip', 'snappy', 'lz4', ...(zlib.zstdCompressSync ? ['zstd'] : [])]
for (const compression of codecs) {
  await attempt(`produce with ${compression}`, async () => {
    const { offsets } = await producer.send({
      compression,
      messages: [{ topic, partition: 0, key: 'k', value: compression.repeat(1000), headers: { codec: compression } }],
    })
    assert.equal(offsets[0].partition, 0)
  })
}
await attempt('produce with acks=0', () => producer.send({ acks: 0, messages: [{ topic, partition: 1, key: 'k', value: 'v' }] }))
await attempt('idempotent producer', async () => {
  const idempotent = new Producer({ ...options, serializers: stringSerializers, idempotent: true })
  await idempotent.send({ messages: [{ topic, partition: 2, key: 'k', value: 'one' }] })
  await idempotent.send({ messages: [{ topic, partition: 2, key: 'k', value: 'two' }] })
  await idempotent.close()
})

const consumer = new Consumer({ ...options, groupId: 'platformatic-group' })
await attempt('listOffsets', async () => {
  consumer.topics.track(topic)
  const offsets = await consumer.listOffsets({ topics: [topic], partitions: { [topic]: [2] } })
  assert.equal(offsets.get(topic).at(-1), 2n)
})
await attempt('fetch by topic id', async () => {
  const { id } = (await admin.metadata({ topics: [topic] })).topics.get(topic)
  const response = await consumer.fetch({
    node: 1,
    topics: [{ topicId: id, partitions: [{ partition: 0, currentLeaderEpoch: -1, fetchOffset: 0n, lastFetchedEpoch: -1, partitionMaxBytes: 1 << 20 }] }],
  })
  const batches = response.responses[0].partitions[0].records
  assert.equal(batches.length, codecs.length)
})

// Reads from streams until all of these values have come; each may come once.
const read = async (streams, values) => {
  const missing = new Set(values)
  const seen = []
  await new Promise((resolve, reject) => {
    const timeout = setTimeout(() => reject(new Error(`${missing.size} of ${values.length} records did not come, for instance ${[...missing][0]}`)), 15000)
    for (const stream of streams) {
      stream.on('error', reject)
      stream.on('data', message => {
        seen.push(message.value)
        missing.delete(message.value)
        if (missing.size === 0) {
          clearTimeout(timeout)
          resolve()
        }
      })
    }
  })
  assert.deepEqual(seen.toSorted(), values.toSorted())
}

const groupTopic = 'platformatic-group-topic'
await admin.createTopics({ topics: [groupTopic], partitions: 4, replicas: 1 })
const send = values => producer.send({ messages: values.map((value, index) => ({ topic: groupTopic, partition: index % 4, key: value, value })) })
const numbers = (from, count) => Array.from({ length: count }, (_, index) => `value ${from + index}`)
const member = groupProtocol => new Consumer({
  ...options, groupId: `platformatic-${groupProtocol}`, groupProtocol, deserializers: stringDeserializers, autocommit: 100, heartbeatInterval: 500,
})
const streamOf = consumer => consumer.consume({ topics: [groupTopic], mode: 'committed', fallbackMode: 'earliest', maxWaitTime: 200 })
for (const groupProtocol of ['classic', 'consumer']) {
  const values = numbers(groupProtocol === 'classic' ? 0 : 1000, 100)
  await attempt(`consumer group, ${groupProtocol} protocol`, async () => {
    const one = member(groupProtocol)
    const stream = await streamOf(one)
    await send(values)
    await read([stream], groupProtocol === 'classic' ? values : [...numbers(0, 100), ...numbers(100, 100), ...values])
    await stream.close()
    await one.close(true)
  })
  await attempt(`consumer group goes on where it was, ${groupProtocol} protocol`, async () => {
    const more = numbers(groupProtocol === 'classic' ? 100 : 1100, 100)
    await send(more)
    const members = [member(groupProtocol), member(groupProtocol)]
    const streams = await Promise.all(members.map(streamOf))
    await read(streams, more)
    await Promise.all(streams.map(stream => stream.close()))
    await Promise.all(members.map(one => one.close(true)))
  })
}
await attempt('deleteTopics', () => admin.deleteTopics({ topics: [topic] }))
process.exit(0)
